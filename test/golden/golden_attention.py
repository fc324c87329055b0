"""Attention with biases, and its gradients, as PyTorch's scaled_dot_product_attention computes them in float64."""

import torch
import torch.nn.functional as F

HEADS, QUERIES, KEYS, WIDTH = 2, 5, 7, 8


def heads(x):
    return x.unflatten(2, (HEADS, -1)).transpose(1, 2)


def case(name, generator, bias, queries=QUERIES, keys=KEYS):
    """Inputs, output and the gradients of Σ output · probe; `bias` is as it is stored, [batch, keys] or [batch, heads, queries, keys]."""

    def numbers(*shape):
        return torch.randn(shape, generator=generator).double()

    query, key, value, probe = numbers(2, queries, WIDTH), numbers(2, keys, WIDTH), numbers(2, keys, WIDTH), numbers(2, queries, WIDTH)
    inputs = {"query": query, "key": key, "value": value, "bias": bias.double()}
    for x in inputs.values():
        x.requires_grad_()
    mask = inputs["bias"][:, None, None, :] if bias.dim() == 2 else inputs["bias"]
    mask = mask.expand(2, HEADS, queries, keys)
    output = F.scaled_dot_product_attention(heads(query), heads(key), heads(value), attn_mask=mask).transpose(1, 2).flatten(2)
    gradients = torch.autograd.grad((output * probe).sum(), list(inputs.values()))
    tensors = {f"{name}/{key}": x for key, x in inputs.items()} | {f"{name}/probe": probe, f"{name}/output": output}
    return tensors | {f"{name}/gradient/{key}": g for key, g in zip(inputs, gradients, strict=True)}


def make_attention():
    """(tensors, metadata) of attention.safetensors."""
    generator = torch.Generator().manual_seed(5)

    def numbers(*shape):
        return torch.randn(shape, generator=generator)

    padding = torch.zeros(2, KEYS)
    padding[0, 5:], padding[1, 2:] = -1e9, -1e9
    causal = torch.full((QUERIES, QUERIES), -1e9).triu(1)[None, None]
    biases = {
        "padding": padding,
        "keys": numbers(2, KEYS),
        "relative": numbers(1, HEADS, QUERIES, KEYS),
        "scores": numbers(2, HEADS, QUERIES, KEYS),
        "byHead": numbers(2, HEADS, 1, KEYS),
        "byQuery": numbers(2, 1, QUERIES, KEYS),
        "shared": numbers(1, 1, QUERIES, KEYS),
        "relativeAndPadding": numbers(1, HEADS, QUERIES, KEYS) + padding[:, None, None, :],
    }
    tensors = {}
    for name, bias in biases.items():
        tensors |= case(name, generator, bias)
    tensors |= case("causal", generator, causal, keys=QUERIES)
    padded = padding[:, None, None, :QUERIES]
    tensors |= case("causalAndPadding", generator, causal + padded, keys=QUERIES)
    return tensors, {"heads": HEADS, "torch": torch.__version__}
