"""One training step of ALBEF and of VLMAE in PyTorch (SYSTEMS.md): what they share with SemMIM is its peer's, the rest is here."""

from dataclasses import dataclass, replace

import torch
from semmim.choices import mask_tokens, take
from semmim.losses import contrastive, masked_words, matching
from semmim.model import bert, fuse, fusion_layer, key_mask, l2, linear, norm, part, vit, vit_layer
from semmim.sizes import Size, in_teacher, is_decayed, parameter_shapes
from semmim.step import pick_negatives


@dataclass(frozen=True)
class Decoder:
    """The transformer that makes pixels of fused states."""

    width: int
    heads: int
    layers: int


@dataclass(frozen=True)
class System:
    """ALBEF without a decoder, VLMAE with one."""

    size: Size
    decoder: Decoder | None = None


@dataclass(frozen=True)
class Settings:
    """What a run sets; alpha is the one of this step."""

    lr: float = 1e-3
    alpha: float = 0.4
    momentum: float = 0.995
    mask_ratio: float = 0.75
    token_ratio: float = 0.15
    decay: float = 0.02
    clip: float = 3.0


@dataclass
class State:
    """Everything that a step changes."""

    student: dict
    teacher: dict
    queue_image: torch.Tensor
    queue_text: torch.Tensor
    queue_group: torch.Tensor
    pointer: int
    optimizer: torch.optim.Optimizer | None = None


def system_shapes(system):
    """{name: shape} of the student: SemMIM's without its mask token and space; ALBEF's fusion has no image stream."""
    unused = ["space.", "vit.embeddings.mask_token"] + ([] if system.decoder else ["fusion.image."])
    shapes = {name: shape for name, shape in parameter_shapes(system.size).items() if not name.startswith(tuple(unused))}
    if not system.decoder:
        return shapes
    width, size = system.decoder.width, system.size
    shapes["decoder.decoder_embed.weight"], shapes["decoder.decoder_embed.bias"] = (width, size.width), (width,)
    shapes["decoder.mask_token"] = (1, 1, width)
    shapes["decoder.decoder_pos_embed"] = (1, size.patches + 1, width)
    layers = "vit.encoder.layer."
    for name, shape in parameter_shapes(replace(size, width=width, image_layers=system.decoder.layers)).items():
        if name.startswith(layers):
            shapes[f"decoder.decoder_layers.{name.removeprefix(layers)}"] = shape
    shapes["decoder.decoder_norm.weight"] = shapes["decoder.decoder_norm.bias"] = (width,)
    shapes["decoder.decoder_pred.weight"], shapes["decoder.decoder_pred.bias"] = (size.patch_values, width), (size.patch_values,)
    return shapes


def is_taught(name):
    """Whether the momentum teacher has a copy of this parameter: it makes no pixels."""
    return in_teacher(name) and not name.startswith("decoder.")


def fuse_text(p, system, image, text, mask):
    """Fused text states: ALBEF's layers attend to the image encoder's states, VLMAE's to the image stream's as they were before each layer."""
    if system.decoder:
        return fuse(p, system.size, image, text, mask, "text")
    for layer in range(system.size.fusion_layers):
        text = fusion_layer(part(p, f"fusion.text.layer.{layer}"), text, mask, image, None, system.size.heads)
    return text


def choose_patches(order, ratio):
    """order [B, N] → (hidden [B, M] from the largest, visible [B, N − M] from the smallest), M = ⌊ratio · N + ½⌋."""
    rising = order.argsort(1)
    shown = order.shape[1] - int(ratio * order.shape[1] + 0.5)
    return rising[:, shown:].flip(1), rising[:, :shown]


def vit_visible(p, size, patches, visible):
    """patches [B, N, P], visible [B, n] → states [B, 1 + n, D], after the final norm; hidden patches do not enter."""
    positions = p["vit.embeddings.position_embeddings"]
    x = take(linear(p, "vit.embeddings.patch_embeddings.projection", patches) + positions[:, 1:], visible)
    x = torch.cat([(p["vit.embeddings.cls_token"] + positions[:, :1]).expand(len(x), -1, -1), x], dim=1)
    for layer in range(size.image_layers):
        x = vit_layer(part(p, f"vit.encoder.layer.{layer}"), x, size.heads)
    return norm(p, "vit.layernorm", x, 1e-6)


def decode(p, system, states, visible):
    """states [B, 1 + n, D] of [CLS] and visible patches → pixels of all patches [B, N, P]."""
    x = linear(p, "decoder.decoder_embed", states)
    places = visible[..., None].expand(-1, -1, x.shape[-1])
    every = p["decoder.mask_token"].expand(len(x), system.size.patches, -1).scatter(1, places, x[:, 1:])
    x = torch.cat([x[:, :1], every], dim=1) + p["decoder.decoder_pos_embed"]
    for layer in range(system.decoder.layers):
        x = vit_layer(part(p, f"decoder.decoder_layers.{layer}"), x, system.decoder.heads)
    return linear(p, "decoder.decoder_pred", norm(p, "decoder.decoder_norm", x, 1e-6)[:, 1:])


def pixel_targets(patches):
    """Each patch less its mean, over its standard deviation."""
    variance, mean = torch.var_mean(patches, dim=-1, correction=1, keepdim=True)
    return (patches - mean) / (variance + 1e-6).sqrt()


def pixel_loss(prediction, targets, hidden):
    """Mean over samples, over hidden patches, over a patch's values, of the squared difference."""
    each = take((prediction - targets).square(), hidden).mean(-1)
    return (each.sum(1) / max(1, hidden.shape[1])).mean()


@torch.no_grad()
def teacher_passes(state, system, batch, settings, mask):
    """What the teacher says, and the token mask."""
    e, size, out = state.teacher, system.size, {}
    out["token_mask"] = mask_tokens(
        batch["tokens"], batch["tokenMask"], batch["tokenNoise"], batch["tokenAction"], batch["tokenRandom"], settings.token_ratio
    )
    out["Ti"], out["Tt"] = vit(e, size, batch["patches"]), bert(e, size, batch["tokens"], mask)
    out["Tx"] = bert(e, size, out["token_mask"].tokens, mask)
    out["G2"] = fuse_text(e, system, out["Ti"], out["Tx"], mask)
    out["tv"], out["tt"] = l2(linear(e, "vision_proj", out["Ti"][:, 0])), l2(linear(e, "text_proj", out["Tt"][:, 0]))
    return out


def pixels(state, system, batch, text, mask, settings, out):
    """The loss of the hidden patches' pixels."""
    s = state.student
    out["hidden"], out["visible"] = choose_patches(batch["maskOrder"], settings.mask_ratio)
    out["Sv"] = vit_visible(s, system.size, batch["patches"], out["visible"])
    out["F1"] = fuse(s, system.size, out["Sv"], text, mask, "image")
    out["prediction"] = decode(s, system, out["F1"], out["visible"])
    out["targets"] = pixel_targets(batch["patches"])
    return pixel_loss(out["prediction"], out["targets"], out["hidden"])


def losses(state, system, batch, settings):
    """All passes and losses; returns (losses, what was computed on the way)."""
    s, size = state.student, system.size
    mask = key_mask(batch["tokenMask"], state.queue_image.dtype)
    out = teacher_passes(state, system, batch, settings, mask)
    image, text = vit(s, size, batch["patches"]), bert(s, size, batch["tokens"], mask)
    masked_text = bert(s, size, out["token_mask"].tokens, mask)

    v, t = l2(linear(s, "vision_proj", image[:, 0])), l2(linear(s, "text_proj", text[:, 0]))
    temperature = s["temperature"]
    same = batch["group"][:, None] == torch.cat([batch["group"], state.queue_group])[None, :]
    parts = {
        "itc": contrastive(v, t, out["tv"], out["tt"], state.queue_image, state.queue_text, same, temperature, settings.alpha)
    }

    out["negative_image"], out["negative_text"] = pick_negatives(out, v.detach(), t.detach(), batch, temperature.detach())
    positive = fuse_text(s, system, image, text, mask)
    images, texts = torch.cat([image[out["negative_image"]], image]), torch.cat([text, text[out["negative_text"]]])
    negatives = fuse_text(s, system, images, texts, torch.cat([mask, mask[out["negative_text"]]]))
    parts["itm"] = matching(s, positive[:, 0], negatives[:, 0])

    words = fuse_text(s, system, image, masked_text, mask)
    parts["mlm"] = masked_words(s, words, state.teacher, out["G2"], batch["tokens"], out["token_mask"], settings.alpha)
    if system.decoder:
        parts["mim"] = pixels(state, system, batch, text, mask, settings, out)
    parts["loss"] = sum(parts.values())
    out |= {"Si": image, "St": text, "Sx": masked_text, "v": v, "t": t, "F2": words, "F3": positive, "F4": negatives}
    return parts, out


def make_optimizer(student, settings):
    """AdamW with two groups: decayed and not."""
    decayed = [p for n, p in student.items() if is_decayed(n, p)]
    plain = [p for n, p in student.items() if not is_decayed(n, p)]
    groups = [{"params": decayed, "weight_decay": settings.decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.lr, betas=(0.9, 0.999), eps=1e-8)


@torch.no_grad()
def enqueue(state, batch, out):
    """Puts the batch's teacher projections and groups where the ring's pointer is."""
    rows = (state.pointer + torch.arange(len(batch["group"]))) % len(state.queue_group)
    state.queue_image[rows], state.queue_text[rows], state.queue_group[rows] = out["tv"], out["tt"], batch["group"]
    state.pointer = (state.pointer + len(rows)) % len(state.queue_group)


def step(state, system, batch, settings, inspect):
    """One step in place; returns its losses and the gradient's norm. inspect(out) is called between backward and clipping."""
    state.optimizer = state.optimizer or make_optimizer(state.student, settings)
    with torch.no_grad():
        for name, value in state.teacher.items():
            value.mul_(settings.momentum).add_(state.student[name], alpha=1 - settings.momentum)
    state.optimizer.zero_grad(set_to_none=True)
    parts, out = losses(state, system, batch, settings)
    parts["loss"].backward()
    inspect(out)
    norm_before = torch.nn.utils.clip_grad_norm_(state.student.values(), settings.clip)
    state.optimizer.step()
    with torch.no_grad():
        state.student["temperature"].clamp_(0.001, 0.5)
    enqueue(state, batch, out)
    return {name: value.item() for name, value in parts.items()} | {"gradientNorm": norm_before.item()}
