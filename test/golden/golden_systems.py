"""One step of ALBEF and one of VLMAE in float64 from float32 inputs (SYSTEMS.md), and how far a float32 run is from them."""

import copy
import dataclasses
import tempfile

import torch
from golden_step import actions_seen, as_batch, gaps
from safetensors.torch import save_file
from semmim.choices import CLS, PAD, SEP
from semmim.model import l2
from semmim.random_data import random_batch, random_values
from semmim.sizes import Size
from systems import Decoder, Settings, State, System, decode, is_taught, pixel_loss, pixel_targets, step, system_shapes, vit_visible
from transformers import ViTMAEConfig, ViTMAEForPreTraining

BATCH = 4
SETTINGS = Settings()
# Patches of 4 × 4 of pictures of 16 × 16; two layers of fusion, since with one the two ways to fuse are the same.
SIZE = Size(
    width=24,
    heads=2,
    image_layers=2,
    text_layers=1,
    fusion_layers=2,
    hidden=0,
    bottleneck=0,
    prototypes=0,
    embedding=16,
    patches=16,
    patch_values=48,
    tokens=12,
    vocabulary=64,
    queue=16,
    max_positions=16,
)
SYSTEMS = {"albef": System(SIZE), "vlmae": System(SIZE, Decoder(width=16, heads=4, layers=2))}
# The third caption has no word, the fourth has one.
LENGTHS, GROUPS, QUEUED = [12, 8, 2, 3], [5, 7, 5, 9], [5, 11, 7, 5, 3, 2, 8, 9, 20]
MARGIN = 1e-3
# m, v and the teacher after the step follow from the rest, so only vectors and these have them stored.
SMALL = 128
ALWAYS = {
    "bert.embeddings.word_embeddings.weight",
    "fusion.text.layer.1.crossattention.self.query.weight",
    "decoder.decoder_pred.weight",
}
FIELDS = {"queue_image": "queueImage", "queue_text": "queueText", "queue_group": "queueGroup"}
PASSES = ["Ti", "Tt", "Tx", "G2", "tv", "tt", "Si", "St", "Sx", "v", "t", "F2", "F3", "F4"]
PIXEL_PASSES = ["Sv", "F1", "prediction", "targets"]


def initial_state(system, generator):
    """Weights large enough for gradients that matter, and a teacher that differs from the student."""
    student = random_values(system_shapes(system), generator, scale=0.15, spread=0.05)
    with torch.no_grad():
        for name, value in student.items():
            if value.dim() == 1 and name.endswith(".weight"):
                value.copy_(1 + 2 * (value - 1))
    teacher = {
        name: value.detach() + 0.03 * torch.randn(value.shape, generator=generator)
        for name, value in student.items()
        if is_taught(name)
    }
    group = torch.full((SIZE.queue,), -1)
    group[: len(QUEUED)] = torch.tensor(QUEUED)
    queues = [l2(torch.randn(SIZE.queue, SIZE.embedding, generator=generator)) for _ in range(2)]
    # So that the step's rows go around the ring's end.
    return State(student, teacher, *queues, group, pointer=SIZE.queue - 2)


def initial_batch(system, generator):
    """Inputs and noise; patches have means and contrasts of their own, one hardly any contrast and one none."""
    batch = random_batch(SIZE, BATCH, generator, LENGTHS)
    for unused in ["patches2", "maskGumbel"]:
        del batch[unused]
    contrast = 0.2 + torch.rand(BATCH, SIZE.patches, 1, generator=generator)
    contrast[0, 3], contrast[1, 5] = 1e-3, 0
    batch["patches"] = batch["patches"] * contrast + torch.randn(BATCH, SIZE.patches, 1, generator=generator)
    batch["group"] = torch.tensor(GROUPS)
    if system.decoder:
        ranks = torch.stack([torch.randperm(SIZE.patches, generator=generator) for _ in range(BATCH)])
        batch["maskOrder"] = (ranks + 0.5) / SIZE.patches
    return batch


def as_type(state, dtype):
    """A copy of a state (without an optimizer) in another precision."""
    other = copy.deepcopy(state)
    other.student = {name: value.detach().to(dtype, copy=True).requires_grad_() for name, value in state.student.items()}
    other.teacher = {name: value.to(dtype, copy=True) for name, value in state.teacher.items()}
    for name in ["queue_image", "queue_text"]:
        setattr(other, name, getattr(state, name).to(dtype, copy=True))
    return other


def run(system, state, batch, dtype):
    """The step in one precision: (its numbers, what was computed on the way, a record of what it changed)."""
    state, out, record = as_type(state, dtype), {}, {}

    def inspect(seen):
        out.update(seen)
        record["gradient"] = {name: value.grad.clone() for name, value in state.student.items()}
        record["teacherAfter"] = {name: value.clone() for name, value in state.teacher.items()}

    numbers = step(state, system, as_batch(batch, dtype), SETTINGS, inspect)
    record["after"] = {name: value.detach().clone() for name, value in state.student.items()}
    moments = {name: state.optimizer.state[value] for name, value in state.student.items()}
    record["m"] = {name: value["exp_avg"].clone() for name, value in moments.items()}
    record["v"] = {name: value["exp_avg_sq"].clone() for name, value in moments.items()}
    record["stateAfter"] = {ours: getattr(state, name).clone() for name, ours in FIELDS.items()}
    return numbers, out, record


def least_margin(out, batch):
    """How far the step's choices are from a tie (those of patches cannot be near one)."""
    tokens = batch["tokens"]
    maskable = (batch["tokenMask"] == 1) & (tokens != PAD) & (tokens != CLS) & (tokens != SEP)
    noise = torch.where(maskable, batch["tokenNoise"], -1 - torch.arange(maskable.shape[1]))
    action = batch["tokenAction"][maskable]
    return min(
        gaps(noise, 0, out["token_mask"].slots.shape[1]),
        (action - 0.8).abs().min().item(),
        (action - 0.9).abs().min().item(),
        gaps(out["image_keys"], 0, 1),
        gaps(out["text_keys"], 0, 1),
    )


def flat_patches_hidden(out):
    """Whether the patch with hardly any contrast and the one with none are among those that are reconstructed."""
    return "hidden" not in out or bool((out["hidden"][0] == 3).any() and (out["hidden"][1] == 5).any())


def search(system):
    """The first seed whose choices are far from ties, show every token action and hide the flat patches."""
    for seed in range(1, 1000):
        generator = torch.Generator().manual_seed(seed)
        state, batch = initial_state(system, generator), initial_batch(system, generator)
        numbers, out, record = run(system, state, batch, torch.float64)
        margin = least_margin(out, batch)
        clips = numbers["gradientNorm"] > SETTINGS.clip
        if margin > MARGIN and actions_seen(out, batch) and clips and flat_patches_hidden(out):
            return seed, margin, state, batch, numbers, out, record
    raise SystemExit("golden_systems.py: no seed below 1000 has choices far from ties")


def error_of_float32(system, state, batch, numbers, record):
    """How far a float32 run of the same step is from the float64 one."""
    got, _, other = run(system, state, batch, torch.float32)
    facts = {f"float32.step1.{name}": f"{abs(got[name] - value) / abs(value):.2e} relative" for name, value in numbers.items()}
    worst, name = max(
        ((other["gradient"][name].double() - value).norm() / value.norm(), name)
        for name, value in record["gradient"].items()
        if value.norm() > 0
    )
    facts["float32.gradient"] = f"{worst.item():.2e} relative (norm of difference over norm), worst {name}"
    differences = torch.cat([(other["after"][n].double() - v).abs().flatten() for n, v in record["after"].items()])
    facts["float32.after"] = f"{differences.max().item():.2e} absolute at most, {(differences > 1e-5).sum().item()} values over 1e-5"
    return facts


def check_against_transformers(system, state, batch, out):
    """Holds encoder, decoder and pixel loss, without the fusion between, against ViTMAE; it must know all names but fusion's, text's, heads'."""
    size, decoder = system.size, system.decoder
    p = {name: value.detach().double() for name, value in state.student.items()}
    side = round((size.patch_values / 3) ** 0.5)
    across = round(size.patches**0.5)
    theirs = {name: value.clone() for name, value in p.items() if name.startswith(("vit.", "decoder."))}
    kernel = "vit.embeddings.patch_embeddings.projection.weight"
    theirs[kernel] = p[kernel].reshape(size.width, side, side, 3).permute(0, 3, 1, 2).contiguous()
    for name in [name for name in theirs if name.endswith("key.weight")]:
        theirs[name.replace("weight", "bias")] = torch.zeros(len(theirs[name]), dtype=torch.float64)
    config = ViTMAEConfig(
        hidden_size=size.width,
        num_hidden_layers=size.image_layers,
        num_attention_heads=size.heads,
        intermediate_size=4 * size.width,
        layer_norm_eps=1e-6,
        image_size=across * side,
        patch_size=side,
        decoder_num_attention_heads=decoder.heads,
        decoder_hidden_size=decoder.width,
        decoder_num_hidden_layers=decoder.layers,
        decoder_intermediate_size=4 * decoder.width,
        mask_ratio=SETTINGS.mask_ratio,
        norm_pix_loss=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        config.save_pretrained(folder)
        save_file(theirs, f"{folder}/model.safetensors", metadata={"format": "pt"})
        model, report = ViTMAEForPreTraining.from_pretrained(
            folder, dtype=torch.float64, attn_implementation="eager", output_loading_info=True
        )
    assert not any(report[kind] for kind in ["missing_keys", "unexpected_keys", "mismatched_keys"]), report
    patches = batch["patches"].double()
    image = patches.reshape(BATCH, across, across, side, side, 3).permute(0, 5, 1, 3, 2, 4).reshape(BATCH, 3, across * side, across * side)
    said = model.eval()(image, noise=batch["maskOrder"].double())
    prediction = decode(p, system, vit_visible(p, size, patches, out["visible"]), out["visible"])
    loss = pixel_loss(prediction, pixel_targets(patches), out["hidden"])
    # transformers' softmax is in float32 whatever the weights are.
    torch.testing.assert_close(prediction, said.logits, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(loss, said.loss, rtol=1e-6, atol=0)
    hidden = torch.zeros(BATCH, size.patches, dtype=torch.float64).scatter_(1, out["hidden"], 1)
    torch.testing.assert_close(hidden, said.mask.double())


def chosen(out):
    """What the step chose."""
    tokens = out["token_mask"]
    named = {
        "maskedTokens": tokens.tokens,
        "tokenSlots": tokens.slots,
        "tokenValid": tokens.valid,
        "negativeImage": out["negative_image"],
        "negativeText": out["negative_text"],
    }
    if "hidden" in out:
        mask = torch.zeros(BATCH, SIZE.patches, dtype=torch.bool).scatter_(1, out["hidden"], True)
        named |= {"imageMask": mask, "imageIndices": out["hidden"], "visibleIndices": out["visible"]}
    return {f"step1.chosen.{name}": value for name, value in named.items()}


def make_system(name):
    """(tensors, metadata) of albef.safetensors or vlmae.safetensors."""
    system = SYSTEMS[name]
    seed, margin, state, batch, numbers, out, record = search(system)
    if system.decoder:
        check_against_transformers(system, state, batch, out)
    tensors = {f"student.{key}": value for key, value in state.student.items()}
    tensors |= {f"teacher.{key}": value for key, value in state.teacher.items()}
    tensors |= {f"state.{ours}": getattr(state, key) for key, ours in FIELDS.items()}
    tensors |= {f"step1.input.{key}": value for key, value in batch.items()}
    tensors |= {f"step1.loss.{key}": torch.tensor(value, dtype=torch.float64) for key, value in numbers.items()}
    tensors |= chosen(out) | {f"step1.pass.{key}": out[key] for key in PASSES + (PIXEL_PASSES if system.decoder else [])}
    for kind in ["gradient", "after", "stateAfter"]:
        tensors |= {f"{kind}.{key}": value for key, value in record[kind].items()}
    for kind in ["m", "v", "teacherAfter"]:
        tensors |= {f"{kind}.{key}": value for key, value in record[kind].items() if value.numel() <= SMALL or key in ALWAYS}
    metadata = {f"size.{key}": value for key, value in dataclasses.asdict(SIZE).items() if value}
    metadata |= {f"decoder.{key}": value for key, value in dataclasses.asdict(system.decoder).items()} if system.decoder else {}
    told = {key: value for key, value in dataclasses.asdict(SETTINGS).items() if key != "mask_ratio" or system.decoder}
    metadata |= {f"settings.{key}": value for key, value in told.items()}
    metadata |= {"seed": seed, "margin": f"{margin:.2e}", "queuePointer": state.pointer, "torch": torch.__version__}
    values = torch.cat([value.abs().flatten() for value in record["gradient"].values()])
    metadata["gradient.tiny"] = f"{((values > 0) & (values < 1e-6)).sum().item()} of {values.numel()} are under 1e-6 but not 0"
    metadata["gradient.zero"] = f"{(values == 0).sum().item()} are exactly 0"
    return tensors, metadata | error_of_float32(system, state, batch, numbers, record)
