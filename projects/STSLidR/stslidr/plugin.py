"""Registers every component with MMDetection3D: the one target of ``custom_imports``.

In a checkout: ``custom_imports = dict(imports=['projects.STSLidR.stslidr.plugin'])``; where the
package is installed: ``stslidr.plugin``. A ``KeyError: ... is not in the ... registry`` means that
the config lacks this line.
"""

from mmdet3d.registry import DATA_SAMPLERS, DATASETS, HOOKS, LOOPS, METRICS, MODELS, TRANSFORMS
from mmengine.registry import MODEL_WRAPPERS  # the Runner looks a wrapper up in no other

from stslidr.datasets.labelled_datasets import (
    LabelledSweepDataset,
    LidarSegKittiDataset,
    LidarSegNuScenesDataset,
)
from stslidr.datasets.paired_preprocessor import PairedDataPreprocessor
from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.datasets.transforms.corruption import CorruptSweep
from stslidr.datasets.transforms.cuboid_dropping import DropCuboids
from stslidr.datasets.transforms.image_augmentation import (
    RandomFlipImages,
    RandomResizedCropImages,
    ResizeImages,
)
from stslidr.datasets.transforms.labelled_loading import (
    CheckSweepFile,
    IntensityFeature,
    LoadPointLabels,
)
from stslidr.datasets.transforms.loading import LoadCameras, LoadSuperpixels, LoadSweep
from stslidr.datasets.transforms.packing import PackPairedSample
from stslidr.datasets.transforms.packing_segmentation import PackVoxelSegInputs
from stslidr.datasets.transforms.point_pixel_pairs import PairPointsWithPixels
from stslidr.datasets.transforms.voxelization import VoxelizeSweep
from stslidr.encoders.heads import ImageHead, PointHead
from stslidr.encoders.image_encoder import FrozenResNet50, FrozenSmallResNet
from stslidr.encoders.res16unet import Res16UNet
from stslidr.evaluation.matching_metric import MatchingMetric
from stslidr.evaluation.segmentation_metric import PointSegMetric
from stslidr.losses.contrastive import TolerantContrastiveLoss
from stslidr.pretrainer import PointPixelPretrainer, SuperpixelPretrainer
from stslidr.running.checkpoint_saving import PlainCheckpointHook
from stslidr.running.launch import DeviceDistributedDataParallel
from stslidr.running.loops import CheckedTestLoop, CheckedValLoop, ResumableTrainLoop
from stslidr.running.samplers import SeededSampler
from stslidr.running.skipped_samples import SkippedSamplesHook
from stslidr.segmentation.head import LinearSegHead
from stslidr.segmentation.segmentor import VoxelSegmentor
from stslidr.segmentation.transfer_hook import TransferHook
from stslidr.segmentation.voxel_preprocessor import VoxelSegDataPreprocessor

COMPONENTS = {
    DATASETS: (
        CameraLidarDataset,
        LidarSegNuScenesDataset,
        LidarSegKittiDataset,
        LabelledSweepDataset,
    ),
    TRANSFORMS: (
        LoadSweep,
        LoadCameras,
        LoadSuperpixels,
        PairPointsWithPixels,
        DropCuboids,
        RandomResizedCropImages,
        ResizeImages,
        RandomFlipImages,
        VoxelizeSweep,
        PackPairedSample,
        CheckSweepFile,
        IntensityFeature,
        LoadPointLabels,
        CorruptSweep,
        PackVoxelSegInputs,
    ),
    MODELS: (
        PairedDataPreprocessor,
        FrozenResNet50,
        FrozenSmallResNet,
        ImageHead,
        Res16UNet,
        PointHead,
        TolerantContrastiveLoss,
        SuperpixelPretrainer,
        PointPixelPretrainer,
        VoxelSegDataPreprocessor,
        LinearSegHead,
        VoxelSegmentor,
    ),
    DATA_SAMPLERS: (SeededSampler,),
    LOOPS: (ResumableTrainLoop, CheckedValLoop, CheckedTestLoop),
    HOOKS: (PlainCheckpointHook, TransferHook, SkippedSamplesHook),
    METRICS: (MatchingMetric, PointSegMetric),
    MODEL_WRAPPERS: (DeviceDistributedDataParallel,),
}

for registry, components in COMPONENTS.items():
    for component in components:
        registry.register_module(module=component)
