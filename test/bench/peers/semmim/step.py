"""One whole training step: teacher update, passes, losses, backward, clipping, AdamW, centres and queues."""

from dataclasses import dataclass, fields, replace

import torch

from .choices import mask_image, mask_tokens, negative_keys, take
from .losses import contrastive, entropy, masked_words, matching, soft_cross_entropy
from .model import bert, bottleneck, fuse, key_mask, l2, linear, vit
from .sizes import in_teacher, is_decayed


@dataclass(frozen=True)
class Settings:
    """What a run sets."""

    lr: float = 1e-4
    alpha: float = 0.4
    teacher_temperature: float = 0.04
    student_temperature: float = 0.1
    momentum: float = 0.995
    gate: float = 1.0
    mask_ratio: float = 0.5
    mask_temperature: float = 1.0
    token_ratio: float = 0.15
    decay: float = 0.02
    clip: float = 3.0
    centre_momentum: float = 0.9


@dataclass
class State:
    """Everything that a step changes."""

    student: dict
    teacher: dict
    centre: torch.Tensor
    centre_patch: torch.Tensor
    queue_image: torch.Tensor
    queue_text: torch.Tensor
    queue_group: torch.Tensor
    pointer: int = 0
    optimizer: torch.optim.Optimizer | None = None


def make_optimizer(student, settings):
    """AdamW with the three groups: decayed, prototypes (their rate is gated), not decayed."""
    prototypes = student["space.prototypes.weight"]
    decayed = [p for n, p in student.items() if is_decayed(n, p) and p is not prototypes]
    plain = [p for n, p in student.items() if not is_decayed(n, p)]
    groups = [
        {"params": decayed, "weight_decay": settings.decay},
        {"params": plain, "weight_decay": 0.0},
        {"params": [prototypes], "weight_decay": settings.decay, "lr": settings.lr * settings.gate},
    ]
    return torch.optim.AdamW(groups, lr=settings.lr, betas=(0.9, 0.999), eps=1e-8, fused=True)


def on_device(state, device):
    """A state before its first step, moved."""
    student = {name: value.detach().to(device).requires_grad_() for name, value in state.student.items()}
    teacher = {name: value.to(device) for name, value in state.teacher.items()}
    moved = {f.name: getattr(state, f.name).to(device) for f in fields(state) if isinstance(getattr(state, f.name), torch.Tensor)}
    return replace(state, student=student, teacher=teacher, **moved)


@torch.no_grad()
def update_teacher(state, momentum):
    """teacher ← momentum · teacher + (1 − momentum) · student, in place."""
    names = [name for name in state.student if in_teacher(name)]
    torch._foreach_lerp_([state.teacher[n] for n in names], [state.student[n] for n in names], 1 - momentum)


@torch.no_grad()
def teacher_passes(state, size, batch, settings, mask):
    """What the teacher says, the image mask and the token mask."""
    e, out = state.teacher, {}
    image, text = vit(e, size, batch["patches"]), bert(e, size, batch["tokens"], mask)
    projected = l2(linear(e, "vision_proj", image))
    out["tv"], out["tt"] = projected[:, 0], l2(linear(e, "text_proj", text[:, 0]))
    out["relevance"] = (projected[:, 1:] @ out["tt"][..., None]).squeeze(-1)
    out["image_mask"] = mask_image(out["relevance"], batch["maskGumbel"], settings.mask_ratio, settings.mask_temperature)
    out["token_mask"] = mask_tokens(
        batch["tokens"], batch["tokenMask"], batch["tokenNoise"], batch["tokenAction"], batch["tokenRandom"], settings.token_ratio
    )
    out["Ti"], out["Tt"] = image, text
    out["T2"] = vit(e, size, batch["patches2"])
    out["Tx"] = bert(e, size, out["token_mask"].tokens, mask)
    out["G1"] = fuse(e, size, image, text, mask, "image")
    out["G2"] = fuse(e, size, image, out["Tx"], mask, "text")
    prototypes = l2(e["space.prototypes.weight"])
    semantic = bottleneck(e, out["G1"][:, 1:])
    global_logits = bottleneck(e, out["T2"][:, 0]) @ prototypes.T
    local_logits = take(semantic, out["image_mask"].indices) @ prototypes.T
    out["agreement_targets"] = ((global_logits - state.centre) / settings.teacher_temperature).softmax(-1)
    out["local_targets"] = ((local_logits - state.centre_patch) / settings.teacher_temperature).softmax(-1)
    out["centre"] = global_logits.mean(0)
    out["centre_patch"] = semantic.flatten(0, 1).mean(0) @ prototypes.T
    return out


@torch.no_grad()
def pick_negatives(out, image, text, batch, temperature):
    """For each text an image and for each image a text, from other groups."""
    to_image = text @ out["tv"].T / temperature
    to_text = image @ out["tt"].T / temperature
    out["image_keys"] = negative_keys(to_image, batch["group"], batch["negativeImageGumbel"])
    out["text_keys"] = negative_keys(to_text, batch["group"], batch["negativeTextGumbel"])
    return out["image_keys"].argmax(1), out["text_keys"].argmax(1)


def losses(state, size, batch, settings):
    """All passes and losses; returns (losses, what was computed on the way)."""
    s, dtype = state.student, state.centre.dtype
    mask = key_mask(batch["tokenMask"], dtype)
    out = teacher_passes(state, size, batch, settings, mask)
    image_mask, token_mask = out["image_mask"], out["token_mask"]
    whole, text = vit(s, size, batch["patches"]), bert(s, size, batch["tokens"], mask)
    masked = vit(s, size, batch["patches"], image_mask.mask)
    masked_text = bert(s, size, token_mask.tokens, mask)

    v, t = l2(linear(s, "vision_proj", whole[:, 0])), l2(linear(s, "text_proj", text[:, 0]))
    temperature = s["temperature"]
    same = batch["group"][:, None] == torch.cat([batch["group"], state.queue_group])[None, :]
    itc = contrastive(v, t, out["tv"], out["tt"], state.queue_image, state.queue_text, same, temperature, settings.alpha)

    prototypes = l2(s["space.prototypes.weight"])
    seen = bottleneck(s, masked[:, 0]) @ prototypes.T / settings.student_temperature
    agreement = soft_cross_entropy(seen, out["agreement_targets"]).mean()

    image_fused = fuse(s, size, masked, text, mask, "image")
    local = bottleneck(s, take(image_fused[:, 1:], image_mask.indices)) @ prototypes.T / settings.student_temperature
    mim = soft_cross_entropy(local, out["local_targets"]).sum() / (len(local) * max(1, local.shape[1]))

    text_fused = fuse(s, size, whole, masked_text, mask, "text")
    mlm = masked_words(s, text_fused, state.teacher, out["G2"], batch["tokens"], token_mask, settings.alpha)

    image_index, text_index = pick_negatives(out, v.detach(), t.detach(), batch, temperature.detach())
    positive = fuse(s, size, whole, text, mask, "text")
    negatives = fuse(
        s,
        size,
        torch.cat([whole[image_index], whole]),
        torch.cat([text, text[text_index]]),
        torch.cat([mask, mask[text_index]]),
        "text",
    )
    itm = matching(s, positive[:, 0], negatives[:, 0])

    parts = {"itc": itc, "itm": itm, "mlm": mlm, "mim": mim, "agreement": agreement}
    parts["loss"] = itc + itm + mlm + mim + agreement
    out |= {"Si": whole, "St": text, "Sm": masked, "Sx": masked_text, "v": v, "t": t}
    out |= {"F1": image_fused, "F2": text_fused, "F3": positive, "F4": negatives}
    out |= {"negative_image": image_index, "negative_text": text_index}
    return parts, out


@torch.no_grad()
def update_state(state, size, batch, out, settings):
    """Centres and queues, after the loss."""
    state.centre.lerp_(out["centre"].to(state.centre.dtype), 1 - settings.centre_momentum)
    state.centre_patch.lerp_(out["centre_patch"].to(state.centre.dtype), 1 - settings.centre_momentum)
    count = len(batch["group"])
    rows = (state.pointer + torch.arange(count, device=state.queue_group.device)) % size.queue
    dtype = state.queue_image.dtype
    state.queue_image[rows], state.queue_text[rows], state.queue_group[rows] = out["tv"].to(dtype), out["tt"].to(dtype), batch["group"]
    state.pointer = (state.pointer + count) % size.queue


def step(state, size, batch, settings, inspect=None, autocast=False):
    """One step in place; returns numbers to log. inspect(out) is called between backward and clipping. autocast: the forward pass in
    bfloat16, state in float32."""
    if state.optimizer is None:
        state.optimizer = make_optimizer(state.student, settings)
    update_teacher(state, settings.momentum)
    state.optimizer.zero_grad(set_to_none=True)
    with torch.autocast(state.centre.device.type, dtype=torch.bfloat16, enabled=autocast):
        parts, out = losses(state, size, batch, settings)
    parts["loss"].backward()
    prototypes = state.student["space.prototypes.weight"]
    if settings.gate != 1:
        prototypes.grad.mul_(settings.gate)
    if inspect is not None:
        inspect(out)
    gradient_norm = torch.nn.utils.clip_grad_norm_(state.student.values(), settings.clip)
    state.optimizer.step()
    with torch.no_grad():
        state.student["temperature"].clamp_(0.001, 0.5)
    update_state(state, size, batch, out, settings)
    numbers = {name: value.item() for name, value in parts.items()}
    numbers["teacherEntropy"] = entropy(out["local_targets"]).item()
    numbers["agreementEntropy"] = entropy(out["agreement_targets"]).item()
    numbers["gradientNorm"] = gradient_norm.item()
    return numbers
