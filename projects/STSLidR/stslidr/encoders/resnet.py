"""ResNet-50 with torchvision's state-dict keys, plain (stride 32) or dilated (stride 4)."""

from __future__ import annotations

from torch import Tensor, nn

# (width, blocks) of layer1 to layer4; a block puts out EXPANSION * width channels.
STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
EXPANSION = 4


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions beside a shortcut (He et al. 2016; the stride sits in the 3x3)."""

    def __init__(self, in_channels: int, width: int, stride: int = 1, dilation: int = 1) -> None:
        """Build the block.

        Args:
            in_channels: channels of the input.
            width: channels of the 3x3 convolution; the output has ``4 * width``.
            stride: stride of the 3x3 convolution and of the shortcut.
            dilation: dilation (and padding) of the 3x3 convolution.
        """
        super().__init__()
        out_channels = EXPANSION * width
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(
            width, width, 3, stride, padding=dilation, dilation=dilation, bias=False
        )
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, in_channels, h, w) to (B, 4 * width, h / stride, w / stride)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet50(nn.Module):
    """ResNet-50 without pooling and classifier, numerically torchvision's.

    Attributes:
        out_channels: 2048.
        stride: image pixels per feature cell, 4 if dilated, else 32.
    """

    out_channels = EXPANSION * STAGES[-1][0]

    def __init__(self, dilated: bool = True) -> None:
        """Build the network with torch's default initial values.

        Args:
            dilated: replace the strides of layer2, layer3 and layer4 by dilations 2, 4 and 8. As
                with torchvision's ``replace_stride_with_dilation``, the first block of each of
                these layers keeps the dilation of the layer before it (1, 2, 4).
        """
        super().__init__()
        self.stride = 4 if dilated else 32
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)

        in_channels, dilation = 64, 1
        for index, (width, blocks) in enumerate(STAGES):
            reduction = 1 if index == 0 else 2
            first_dilation = dilation
            if dilated:
                dilation *= reduction
                reduction = 1
            layer = [Bottleneck(in_channels, width, reduction, first_dilation)]
            in_channels = EXPANSION * width
            layer += [Bottleneck(in_channels, width, 1, dilation) for _ in range(blocks - 1)]
            self.add_module(f'layer{index + 1}', nn.Sequential(*layer))

    def forward(self, images: Tensor) -> Tensor:
        """Compute the last feature map.

        Args:
            images: (B, 3, H, W) RGB, scaled to 0-1, then normalised by ImageNet's mean and std.

        Returns:
            (B, 2048, ceil(H / stride), ceil(W / stride)), >= 0.
        """
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        # One name for every feature map, so that each is freed as soon as the next one stands.
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        return self.layer4(x)
