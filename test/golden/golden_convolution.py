"""Convolutions and transposed convolutions, and their gradients, as PyTorch computes them in float64; images [batch, rows, columns, channels]."""

import torch
import torch.nn.functional as F

# name: (rows, columns), (kernel rows, kernel columns), stride, padding (top, bottom, left, right)
CASES = {
    "valid": ((6, 7), (3, 3), (1, 1), (0, 0, 0, 0)),
    "same": ((6, 7), (3, 3), (1, 1), (1, 1, 1, 1)),
    "sameEven": ((5, 6), (4, 2), (1, 1), (1, 2, 0, 1)),
    "halved": ((8, 6), (4, 4), (2, 2), (1, 1, 1, 1)),
    "sameHalved": ((6, 6), (3, 3), (2, 2), (0, 1, 0, 1)),
    "remainder": ((8, 9), (3, 3), (3, 2), (0, 1, 1, 0)),
    "patches": ((8, 8), (4, 4), (4, 4), (0, 0, 0, 0)),
    "pointwise": ((3, 4), (1, 1), (1, 1), (0, 0, 0, 0)),
}
BATCH, IN, OUT = 2, 3, 4


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def convolve(x, filters, stride, padding):
    top, bottom, left, right = padding
    padded = F.pad(nchw(x), (left, right, top, bottom))
    return nhwc(F.conv2d(padded, filters.permute(3, 2, 0, 1), stride=stride))


def transpose(y, filters, stride, padding, rows, columns):
    """The transposed convolution to [rows, columns]: conv_transpose2d without padding, then cut (or filled with zeros) to size."""
    full = F.conv_transpose2d(nchw(y), filters.permute(3, 2, 0, 1), stride=stride)
    top, _, left, _ = padding
    fill = (0, max(0, left + columns - full.shape[3]), 0, max(0, top + rows - full.shape[2]))
    return nhwc(F.pad(full, fill)[:, :, top : top + rows, left : left + columns])


def make_convolution():
    """(tensors, metadata) of convolution.safetensors."""
    generator = torch.Generator().manual_seed(6)
    tensors = {}

    def numbers(*shape):
        return torch.randn(shape, generator=generator).double().requires_grad_()

    for name, ((rows, columns), kernel, stride, padding) in CASES.items():
        x, filters = numbers(BATCH, rows, columns, IN), numbers(*kernel, IN, OUT)
        output = convolve(x, filters, stride, padding)
        probe = numbers(*output.shape).detach()
        gradients = torch.autograd.grad((output * probe).sum(), [x, filters])
        y = numbers(*output.shape)
        back = transpose(y, filters, stride, padding, rows, columns)
        back_probe = numbers(*back.shape).detach()
        back_gradients = torch.autograd.grad((back * back_probe).sum(), [y, filters])
        # The transposed convolution is the linear map's transpose: ⟨conv x, y⟩ = ⟨x, convᵀ y⟩.
        torch.testing.assert_close((output * y).sum(), (x * back).sum(), rtol=1e-10, atol=1e-10)
        tensors |= {
            f"{name}/x": x,
            f"{name}/filter": filters,
            f"{name}/stride": torch.tensor(stride),
            f"{name}/padding": torch.tensor(padding),
            f"{name}/output": output,
            f"{name}/probe": probe,
            f"{name}/gradient/x": gradients[0],
            f"{name}/gradient/filter": gradients[1],
            f"{name}/transposed/y": y,
            f"{name}/transposed/output": back,
            f"{name}/transposed/probe": back_probe,
            f"{name}/transposed/gradient/y": back_gradients[0],
            f"{name}/transposed/gradient/filter": back_gradients[1],
        }
    return tensors, {"torch": torch.__version__}
