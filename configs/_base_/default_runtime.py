"""What every run shares: registration, hooks, logging, seeds, processes."""

custom_imports = dict(imports=['projects.STSLidR.stslidr.plugin'], allow_failed_imports=False)
default_scope = 'mmdet3d'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=10),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='PlainCheckpointHook', interval=1, max_keep_ckpts=2),
    sampler_seed=dict(type='DistSamplerSeedHook'),
)
env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl', timeout=600),  # seconds to wait for a process that hangs
)
model_wrapper_cfg = dict(type='DeviceDistributedDataParallel', broadcast_buffers=False)
sync_bn = 'torch'  # CUDA only: switched off on a CPU

visualizer = dict(type='Visualizer', vis_backends=[dict(type='LocalVisBackend')])
# means over 10 iterations of what is noisy; a validation is logged as it is
log_processor = dict(
    type='LogProcessor',
    window_size=10,
    by_epoch=True,
    mean_pattern='^(loss|time|data_time|grad_norm)$',
)
log_level = 'INFO'

randomness = dict(seed=2022, diff_rank_seed=False, deterministic=False)
load_from = None
resume = False
