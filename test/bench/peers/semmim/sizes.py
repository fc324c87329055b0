"""The named sizes, and every parameter's name and shape."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Size:
    """What fixes a model's shapes."""

    width: int
    heads: int
    image_layers: int
    text_layers: int
    fusion_layers: int
    hidden: int
    bottleneck: int
    prototypes: int
    embedding: int
    patches: int
    patch_values: int
    tokens: int
    vocabulary: int
    queue: int
    max_positions: int = 512


SIZES = {
    "tiny": Size(64, 2, 2, 1, 1, 128, 32, 64, 32, 16, 192, 12, 200, 16),
    "small": Size(192, 3, 6, 3, 3, 512, 256, 1024, 128, 196, 768, 30, 30522, 4096),
    "medium": Size(384, 6, 12, 6, 6, 1024, 256, 4096, 256, 196, 768, 30, 30522, 4096),
    "base": Size(768, 12, 12, 6, 6, 2048, 256, 8192, 256, 196, 768, 30, 30522, 65536),
}
# The golden files' size: tiny with a shorter table of positions, to keep the files small.
GOLDEN = replace(SIZES["tiny"], max_positions=64)


def _linear(shapes, name, out, inner, bias=True):
    shapes[f"{name}.weight"] = (out, inner)
    if bias:
        shapes[f"{name}.bias"] = (out,)


def _norm(shapes, name, width):
    shapes[f"{name}.weight"] = (width,)
    shapes[f"{name}.bias"] = (width,)


def _attention(shapes, name, inner, width):
    _linear(shapes, f"{name}.{inner}.query", width, width)
    _linear(shapes, f"{name}.{inner}.key", width, width, bias=False)
    _linear(shapes, f"{name}.{inner}.value", width, width)
    _linear(shapes, f"{name}.output.dense", width, width)


def _feed_forward(shapes, name, width):
    _linear(shapes, f"{name}.intermediate.dense", 4 * width, width)
    _linear(shapes, f"{name}.output.dense", width, 4 * width)


def _bert_layer(shapes, name, width, cross):
    for attention in ["attention", "crossattention"] if cross else ["attention"]:
        _attention(shapes, f"{name}.{attention}", "self", width)
        _norm(shapes, f"{name}.{attention}.output.LayerNorm", width)
    _feed_forward(shapes, name, width)
    _norm(shapes, f"{name}.output.LayerNorm", width)


def parameter_shapes(size):
    """{name: shape} of the student."""
    shapes, width = {}, size.width
    shapes["vit.embeddings.cls_token"] = (1, 1, width)
    shapes["vit.embeddings.mask_token"] = (1, 1, width)
    shapes["vit.embeddings.position_embeddings"] = (1, size.patches + 1, width)
    _linear(shapes, "vit.embeddings.patch_embeddings.projection", width, size.patch_values)
    for layer in range(size.image_layers):
        name = f"vit.encoder.layer.{layer}"
        _norm(shapes, f"{name}.layernorm_before", width)
        _attention(shapes, f"{name}.attention", "attention", width)
        _norm(shapes, f"{name}.layernorm_after", width)
        _feed_forward(shapes, name, width)
    _norm(shapes, "vit.layernorm", width)
    shapes["bert.embeddings.word_embeddings.weight"] = (size.vocabulary, width)
    shapes["bert.embeddings.position_embeddings.weight"] = (size.max_positions, width)
    _norm(shapes, "bert.embeddings.LayerNorm", width)
    for layer in range(size.text_layers):
        _bert_layer(shapes, f"bert.encoder.layer.{layer}", width, cross=False)
    for stream in ["image", "text"]:
        for layer in range(size.fusion_layers):
            _bert_layer(shapes, f"fusion.{stream}.layer.{layer}", width, cross=True)
    _linear(shapes, "vision_proj", size.embedding, width)
    _linear(shapes, "text_proj", size.embedding, width)
    shapes["temperature"] = ()
    _linear(shapes, "itm_head", 2, width)
    _linear(shapes, "cls.predictions.transform.dense", width, width)
    _norm(shapes, "cls.predictions.transform.LayerNorm", width)
    shapes["cls.predictions.bias"] = (size.vocabulary,)
    for layer, (out, inner) in enumerate(
        [(size.hidden, width), (size.hidden, size.hidden), (size.bottleneck, size.hidden)]
    ):
        _linear(shapes, f"space.layers.{layer}", out, inner)
    shapes["space.prototypes.weight"] = (size.prototypes, size.bottleneck)
    return shapes


def in_teacher(name):
    """Whether the momentum teacher has a copy of this parameter."""
    return name != "temperature" and not name.startswith("itm_head.")


def is_decayed(name, parameter):
    """Whether AdamW decays this parameter: matrices, but not the positions."""
    return name.endswith(".weight") and parameter.dim() == 2 and not name.endswith("position_embeddings.weight")
