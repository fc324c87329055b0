"""Random weights, states and batches for the benchmark."""

import torch

from .choices import CLS, PAD, SEP
from .model import l2
from .sizes import in_teacher, parameter_shapes
from .step import State


def random_values(shapes, generator, scale=0.02, spread=0.0):
    """Parameters of {name: shape}: normal(scale) matrices, norms 1 ± spread, biases ± spread, temperature .07."""
    student = {}
    for name, shape in shapes.items():
        noise = torch.randn(shape, generator=generator)
        if name == "temperature":
            value = torch.tensor(0.07)
        elif len(shape) > 1:
            value = noise * scale
        elif name.endswith(".weight"):
            value = 1 + noise * spread
        else:
            value = noise * spread
        student[name] = value.requires_grad_()
    return student


def random_weights(size, generator, **arguments):
    """A student of SemMIM."""
    return random_values(parameter_shapes(size), generator, **arguments)


def random_state(size, generator, **arguments):
    """A student, its copy as the teacher, centres at zero and queues of random unit vectors."""
    student = random_weights(size, generator, **arguments)
    return State(
        student=student,
        teacher={name: value.detach().clone() for name, value in student.items() if in_teacher(name)},
        centre=torch.zeros(size.prototypes),
        centre_patch=torch.zeros(size.prototypes),
        queue_image=l2(torch.randn(size.queue, size.embedding, generator=generator)),
        queue_text=l2(torch.randn(size.queue, size.embedding, generator=generator)),
        queue_group=torch.full((size.queue,), -1),
    )


def gumbel(generator, *shape):
    """Standard Gumbel noise."""
    return -torch.log(-torch.log(torch.rand(*shape, generator=generator).clamp(1e-6, 1 - 1e-6)))


def random_batch(size, batch, generator, lengths=None):
    """A batch of images, captions and noise; captions fill their places unless lengths are given."""
    tokens = torch.randint(5, size.vocabulary, (batch, size.tokens), generator=generator)
    lengths = torch.full((batch,), size.tokens) if lengths is None else torch.tensor(lengths)
    places = torch.arange(size.tokens)
    tokens[:, 0] = CLS
    tokens[places == lengths[:, None] - 1] = SEP
    token_mask = (places < lengths[:, None]).long()
    return {
        "patches": torch.randn(batch, size.patches, size.patch_values, generator=generator),
        "patches2": torch.randn(batch, size.patches, size.patch_values, generator=generator),
        "tokens": torch.where(token_mask == 1, tokens, PAD),
        "tokenMask": token_mask,
        "group": torch.arange(batch),
        "maskGumbel": gumbel(generator, batch, size.patches),
        "tokenNoise": torch.rand(batch, size.tokens, generator=generator),
        "tokenAction": torch.rand(batch, size.tokens, generator=generator),
        "tokenRandom": torch.randint(5, size.vocabulary, (batch, size.tokens), generator=generator),
        "negativeImageGumbel": gumbel(generator, batch, batch),
        "negativeTextGumbel": gumbel(generator, batch, batch),
    }
