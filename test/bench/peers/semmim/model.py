"""The encoders, the fusion and the heads, as functions of a dictionary of parameters."""

import torch
import torch.nn.functional as F

PADDED = -1e9


def l2(x):
    """x over its last axis's length."""
    return x * torch.rsqrt(x.square().sum(-1, keepdim=True) + 1e-12)


def linear(p, name, x):
    """x Wᵀ + b; without a bias where the parameters have none."""
    return F.linear(x, p[f"{name}.weight"], p.get(f"{name}.bias"))


def norm(p, name, x, eps):
    """Layer norm over the last axis."""
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], eps)


_KEYS = {}


def part(p, name):
    """The parameters of a numbered layer, by what follows its name. Layers take their own part: one compiled layer then serves all."""
    kind = name.rpartition(".")[0]
    if kind not in _KEYS:
        _KEYS[kind] = [key[len(name) + 1 :] for key in p if key.startswith(f"{name}.")]
    return {key: p[f"{name}.{key}"] for key in _KEYS[kind]}


def attention(p, inner, output, x, context, heads, mask):
    """Attention from x [B, n, D] to context [B, m, D]; mask is None or added to the scores."""

    def split(name, states):
        return linear(p, f"{inner}.{name}", states).unflatten(-1, (heads, -1)).transpose(1, 2)

    mixed = F.scaled_dot_product_attention(split("query", x), split("key", context), split("value", context), attn_mask=mask)
    return linear(p, output, mixed.transpose(1, 2).flatten(2))


def feed_forward(p, x):
    """D → 4D → D with the erf GELU."""
    return linear(p, "output.dense", F.gelu(linear(p, "intermediate.dense", x)))


def vit_layer(p, x, heads):
    """A pre-norm layer over states [B, n, D]."""
    y = norm(p, "layernorm_before", x, 1e-6)
    x = x + attention(p, "attention.attention", "attention.output.dense", y, y, heads, None)
    return x + feed_forward(p, norm(p, "layernorm_after", x, 1e-6))


def vit(p, size, patches, image_mask=None):
    """patches [B, N, P] (image_mask [B, N] bool: hidden ones) → states [B, 1 + N, D], after the final norm."""
    x = linear(p, "vit.embeddings.patch_embeddings.projection", patches)
    if image_mask is not None:
        x = torch.where(image_mask[..., None], p["vit.embeddings.mask_token"], x)
    x = torch.cat([p["vit.embeddings.cls_token"].expand(x.shape[0], -1, -1), x], dim=1)
    x = x + p["vit.embeddings.position_embeddings"]
    for layer in range(size.image_layers):
        x = vit_layer(part(p, f"vit.encoder.layer.{layer}"), x, size.heads)
    return norm(p, "vit.layernorm", x, 1e-6)


def _post_norm_attention(p, name, x, context, heads, mask):
    y = x + attention(p, f"{name}.self", f"{name}.output.dense", x, context, heads, mask)
    return norm(p, f"{name}.output.LayerNorm", y, 1e-12)


def bert_layer(p, x, mask, heads):
    """A post-norm layer over states [B, T, D]."""
    x = _post_norm_attention(p, "attention", x, x, heads, mask)
    return norm(p, "output.LayerNorm", x + feed_forward(p, x), 1e-12)


def key_mask(token_mask, dtype):
    """[B, T] (1 = real) → what is added to the scores, [B, 1, 1, T]."""
    return ((token_mask == 0).to(dtype) * PADDED)[:, None, None, :]


def bert(p, size, tokens, mask):
    """tokens [B, T], mask from key_mask → states [B, T, D]."""
    x = F.embedding(tokens, p["bert.embeddings.word_embeddings.weight"])
    x = x + p["bert.embeddings.position_embeddings.weight"][: tokens.shape[1]]
    x = norm(p, "bert.embeddings.LayerNorm", x, 1e-12)
    for layer in range(size.text_layers):
        x = bert_layer(part(p, f"bert.encoder.layer.{layer}"), x, mask, size.heads)
    return x


def fusion_layer(p, x, x_mask, other, other_mask, heads):
    """One stream of one layer: itself, then the other stream, then the feed-forward part."""
    x = _post_norm_attention(p, "attention", x, x, heads, x_mask)
    x = _post_norm_attention(p, "crossattention", x, other, heads, other_mask)
    return norm(p, "output.LayerNorm", x + feed_forward(p, x), 1e-12)


def fuse(p, size, image, text, text_mask, stream):
    """Two-stream fusion → the last states of one stream ("image" or "text"); the other's last layer is not computed."""
    for layer in range(size.fusion_layers):
        last = layer == size.fusion_layers - 1
        image_next, text_next = image, text
        if stream == "image" or not last:
            image_next = fusion_layer(part(p, f"fusion.image.layer.{layer}"), image, None, text, text_mask, size.heads)
        if stream == "text" or not last:
            text_next = fusion_layer(part(p, f"fusion.text.layer.{layer}"), text, text_mask, image, None, size.heads)
        image, text = image_next, text_next
    return image if stream == "image" else text


def token_logits(p, x):
    """The masked-word head, tied to the word embeddings: [..., D] → [..., V]."""
    x = F.gelu(linear(p, "cls.predictions.transform.dense", x))
    x = norm(p, "cls.predictions.transform.LayerNorm", x, 1e-12)
    return F.linear(x, p["bert.embeddings.word_embeddings.weight"], p["cls.predictions.bias"])


def bottleneck(p, x):
    """The semantic head up to its unit vectors: [..., D] → [..., bottleneck]."""
    x = F.gelu(linear(p, "space.layers.0", x))
    x = F.gelu(linear(p, "space.layers.1", x))
    return l2(linear(p, "space.layers.2", x))
