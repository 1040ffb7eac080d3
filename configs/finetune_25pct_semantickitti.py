"""Fine-tuning on 25 % of SemanticKITTI: the learning rates are those of 1 %, ours."""

_base_ = './finetune_1pct_semantickitti.py'

train_dataloader = dict(dataset=dict(label_split='25pct'))
