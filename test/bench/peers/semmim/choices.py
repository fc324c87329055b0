"""What a step picks without a gradient: masked patches, masked words and hard negatives. Noise comes in as inputs."""

from dataclasses import dataclass

import torch

PAD, CLS, SEP, MASK = 0, 2, 3, 4


def take(states, indices):
    """states [B, n, D], indices [B, k] → [B, k, D]."""
    return states.gather(1, indices[..., None].expand(-1, -1, states.shape[-1]))


@dataclass
class ImageMask:
    """indices [B, M] in the order of the keys, mask [B, N] bool, keys [B, N]."""

    indices: torch.Tensor
    mask: torch.Tensor
    keys: torch.Tensor


def mask_image(relevance, gumbel, ratio, temperature):
    """Gumbel top-M of the standardised relevance [B, N]."""
    variance, mean = torch.var_mean(relevance, dim=1, correction=0, keepdim=True)
    keys = (relevance - mean) * torch.rsqrt(variance + 1e-6) / temperature + gumbel
    indices = keys.topk(int(ratio * relevance.shape[1] + 0.5), dim=1).indices
    mask = torch.zeros_like(relevance, dtype=torch.bool).scatter_(1, indices, True)
    return ImageMask(indices, mask, keys)


@dataclass
class TokenMask:
    """tokens [B, T] after masking; slots [B, Mt] positions; valid [B, Mt] bool; counts [B]."""

    tokens: torch.Tensor
    slots: torch.Tensor
    valid: torch.Tensor
    counts: torch.Tensor


def mask_tokens(tokens, token_mask, noise, action, random, ratio):
    """Hides words: of those picked, 80 % become [MASK], 10 % a random id, 10 % stay."""
    maskable = (token_mask != 0) & (tokens != PAD) & (tokens != CLS) & (tokens != SEP)
    n = maskable.sum(1)
    counts = torch.where(n == 0, 0, (ratio * n + 0.5).floor().long().clamp(min=1))
    slot_count = max(1, int(ratio * (tokens.shape[1] - 2) + 0.5))
    slots = torch.where(maskable, noise, -1).topk(slot_count, dim=1).indices
    valid = torch.arange(slot_count, device=slots.device) < counts[:, None]
    hidden = torch.where(action < 0.8, MASK, torch.where(action < 0.9, random, tokens))
    picked = torch.zeros_like(maskable).scatter_(1, slots, valid)
    return TokenMask(torch.where(picked, hidden, tokens), slots, valid, counts)


def negative_keys(logits, group, gumbel):
    """logits [B, B] of each row to the batch's entries → keys whose largest is the row's negative."""
    same = group[:, None] == group[None, :]
    weights = torch.where(same, 0, logits.softmax(1) + 1e-5)
    # A row without any other group: uniform over the other entries.
    weights = torch.where(same.all(1, keepdim=True), 1 - torch.eye(len(group), dtype=weights.dtype, device=weights.device), weights)
    return weights.clamp(min=1e-30).log() + gumbel
