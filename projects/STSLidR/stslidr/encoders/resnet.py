"""ResNets with torchvision's state-dict keys, plain (stride 32) or dilated down to stride 4."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from stslidr.encoders.frozen import FeatureNetwork
from stslidr.errors import InputError

STEM_STRIDE = 4
PLAIN_STRIDE = 32
STRIDES = (4, 8, 16, 32)


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions beside a shortcut (He et al. 2016; the stride sits in the 3x3)."""

    expansion: ClassVar[int] = 4
    last_norm: ClassVar[str] = 'bn3'

    def __init__(
        self, in_channels: int, width: int, stride: int, first_dilation: int, dilation: int
    ) -> None:
        """Build the block.

        Args:
            in_channels: channels of the input.
            width: channels of the 3x3 convolution; the output has ``4 * width``.
            stride: stride of the 3x3 convolution and of the shortcut.
            first_dilation: dilation (and padding) of the 3x3 convolution.
            dilation: of 3x3 convolutions behind the stride; this block has none.
        """
        super().__init__()
        out_channels = self.expansion * width
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, first_dilation, first_dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, in_channels, h, w) to (B, 4 * width, h / stride, w / stride)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016; the stride sits in the first)."""

    expansion: ClassVar[int] = 1
    last_norm: ClassVar[str] = 'bn2'

    def __init__(
        self, in_channels: int, width: int, stride: int, first_dilation: int, dilation: int
    ) -> None:
        """Build the block.

        Args:
            in_channels: channels of the input.
            width: channels of both convolutions and of the output.
            stride: stride of the first convolution and of the shortcut.
            first_dilation: dilation (and padding) of the first convolution.
            dilation: dilation (and padding) of the second, which is behind the stride.
        """
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels, width, 3, stride, first_dilation, first_dilation, bias=False
        )
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, in_channels, h, w) to (B, width, h / stride, w / stride)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet(FeatureNetwork):
    """A ResNet without pooling and classifier, numerically torchvision's; subclasses say which.

    Attributes:
        block: class of the residual blocks.
        stages: (width, blocks) of layer1 to layer4; a block puts out ``expansion * width``.
        stem_channels: channels of the first convolution.
        out_channels: channels of the feature map.
        stride: image pixels per feature cell.
    """

    block: ClassVar[type[Bottleneck] | type[BasicBlock]]
    stages: ClassVar[tuple[tuple[int, int], ...]]
    stem_channels: ClassVar[int]
    layer1: nn.Sequential
    layer2: nn.Sequential
    layer3: nn.Sequential
    layer4: nn.Sequential

    def __init__(self, stride: int = STEM_STRIDE) -> None:
        """Build the network with torch's default initial values.

        Args:
            stride: 4, 8, 16 or 32. From where it is reached, the strides of layer2, layer3 and
                layer4 become dilations, for stride 4 of 2, 4 and 8. As with torchvision's
                ``replace_stride_with_dilation``, the first 3x3 convolution of each of these
                layers, which had the stride, keeps the dilation of the layer before it. The
                weights are the same for all strides, and so are the features at the cells that
                they share.

        Raises:
            InputError: for another stride.
        """
        super().__init__()
        if stride not in STRIDES:
            raise InputError(f'stride {stride} is not one of {STRIDES}')
        self.stride = stride
        self.conv1 = nn.Conv2d(3, self.stem_channels, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(self.stem_channels)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)

        in_channels, reached, dilation = self.stem_channels, STEM_STRIDE, 1
        for index, (width, blocks) in enumerate(self.stages):
            reduction = 1 if index == 0 else 2
            first_dilation = dilation
            if reached == stride:
                dilation *= reduction
                reduction = 1
            reached *= reduction
            layer = [self.block(in_channels, width, reduction, first_dilation, dilation)]
            in_channels = self.block.expansion * width
            layer += [
                self.block(in_channels, width, 1, dilation, dilation) for _ in range(blocks - 1)
            ]
            self.add_module(f'layer{index + 1}', nn.Sequential(*layer))
        self.out_channels = in_channels

    def forward(self, images: Tensor) -> Tensor:
        """Compute the last feature map.

        Args:
            images: (B, 3, H, W) RGB, scaled to 0-1, then normalised by ImageNet's mean and std.

        Returns:
            (B, out_channels, ceil(H / stride), ceil(W / stride)), >= 0.
        """
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        # One name for every feature map, so that each is freed as soon as the next one stands.
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        return self.layer4(x)


class ResNet50(ResNet):
    """ResNet-50: 2048 channels, stride 4 if dilated, else 32."""

    block = Bottleneck
    stages = ((64, 3), (128, 4), (256, 6), (512, 3))
    stem_channels = 64

    def __init__(self, dilated: bool = True) -> None:
        """Build the network, for SLidR and ST-SLidR dilated, for PPKT plain."""
        super().__init__(STEM_STRIDE if dilated else PLAIN_STRIDE)


class SmallResNet(ResNet):
    """A ResNet-18 of a quarter of its width: 128 channels, 0.7 million parameters."""

    block = BasicBlock
    stages = ((16, 2), (32, 2), (64, 2), (128, 2))
    stem_channels = 16


def _shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """1x1 convolution and norm where a block changes channels or size, else nothing."""
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
    )
