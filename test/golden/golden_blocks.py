"""Blocks as timm, transformers and torch.optim compute them, in float64, with the weights under our names.

The PyTorch peer's own encoders are held against them here too, so that step.safetensors rests on more than one author.
"""

import timm
import torch
import torch.nn.functional as F
import transformers
from semmim.model import bert, fusion_layer, key_mask, part, vit
from semmim.sizes import Size
from timm.models.vision_transformer import VisionTransformer
from transformers import BertConfig, BertModel
from transformers.models.bert.modeling_bert import BertLayer

WIDTH, HEADS, LAYERS, VOCABULARY, POSITIONS = 32, 2, 2, 50, 16
SIZE = Size(WIDTH, HEADS, LAYERS, LAYERS, 1, 0, 0, 0, 0, 16, 192, 10, VOCABULARY, 0, POSITIONS)


def randomise(module, generator):
    """Fills a module: matrices normal(.1) (.3 for embeddings), norms 1 ± .1, biases ± .05."""
    with torch.no_grad():
        for name, value in module.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            if value.dim() > 1:
                value.copy_(noise * (0.3 if "embed" in name or "token" in name else 0.1))
            elif name.endswith("weight"):
                value.copy_(1 + 0.1 * noise)
            else:
                value.copy_(0.05 * noise)
    # The values are float32 ones (they are stored so), the arithmetic is float64.
    return module.eval().double()


def finish(prefix, weights, output, generator, **inputs):
    """The tensors of one block: weights, inputs, output, and the gradients of Σ output · probe."""
    probe = torch.randn(output.shape, generator=generator).double()
    floating = {name: value for name, value in inputs.items() if value.requires_grad}
    targets = weights | floating
    gradients = torch.autograd.grad((output * probe).sum(), list(targets.values()))
    tensors = {f"{prefix}/weights/{name}": value for name, value in weights.items()}
    tensors |= {f"{prefix}/{name}": value for name, value in inputs.items()}
    tensors |= {f"{prefix}/output": output, f"{prefix}/probe": probe}
    return tensors | {f"{prefix}/gradient/{name}": g for name, g in zip(targets, gradients, strict=True)}


def vit_weights(model):
    """timm's parameters under our names, as leaves of a graph that ends in the model's own forward pass."""
    state = {name: value.detach().clone() for name, value in model.named_parameters()}
    kernel = state["patch_embed.proj.weight"]
    ours = {
        "vit.embeddings.cls_token": state["cls_token"],
        "vit.embeddings.position_embeddings": state["pos_embed"],
        "vit.embeddings.patch_embeddings.projection.weight": kernel.permute(0, 2, 3, 1).flatten(1),
        "vit.embeddings.patch_embeddings.projection.bias": state["patch_embed.proj.bias"],
        "vit.layernorm.weight": state["norm.weight"],
        "vit.layernorm.bias": state["norm.bias"],
    }
    plain = {
        "layernorm_before": "norm1",
        "attention.output.dense": "attn.proj",
        "layernorm_after": "norm2",
        "intermediate.dense": "mlp.fc1",
        "output.dense": "mlp.fc2",
    }
    for layer in range(LAYERS):
        name, theirs = f"vit.encoder.layer.{layer}", f"blocks.{layer}"
        for kind in ["weight", "bias"]:
            query, key, value = state[f"{theirs}.attn.qkv.{kind}"].chunk(3)
            ours[f"{name}.attention.attention.query.{kind}"] = query
            ours[f"{name}.attention.attention.value.{kind}"] = value
            if kind == "weight":
                ours[f"{name}.attention.attention.key.weight"] = key
            for mine, other in plain.items():
                ours[f"{name}.{mine}.{kind}"] = state[f"{theirs}.{other}.{kind}"]
    return {name: value.clone().requires_grad_() for name, value in ours.items()}


def vit_block(generator):
    """timm's vision transformer: all tokens after the final norm. The gradients are those of our own form of it."""
    model = VisionTransformer(
        img_size=32, patch_size=8, embed_dim=WIDTH, depth=LAYERS, num_heads=HEADS, num_classes=0, qkv_bias=True, global_pool=""
    )
    randomise(model, generator)
    with torch.no_grad():
        for block in model.blocks:
            block.attn.qkv.bias[WIDTH : 2 * WIDTH] = 0
    image = torch.randn(2, 3, 32, 32, generator=generator)
    # [B, 3, 4, 8, 4, 8] → patches in raster order, values in (row, col, channel) order.
    patches = image.reshape(2, 3, 4, 8, 4, 8).permute(0, 2, 4, 3, 5, 1).reshape(2, 16, 192).double().requires_grad_()
    weights = vit_weights(model)
    output = vit(weights, SIZE, patches)
    torch.testing.assert_close(output, model.forward_features(image.double()), rtol=1e-10, atol=1e-10)
    tensors = finish("vit", weights, output, generator, input=patches)
    return tensors | {"vit/image": image, "vit/convWeight": model.patch_embed.proj.weight}


def bert_config(**more):
    return BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=4 * WIDTH,
        max_position_embeddings=POSITIONS,
        hidden_act="gelu",
        attn_implementation="eager",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        **more,
    )


def clear_key_bias(module):
    with torch.no_grad():
        for name, value in module.named_parameters():
            if name.endswith("key.bias"):
                value.zero_()


def bert_block(generator):
    """transformers' BERT with padding; token type 0 is folded into the positions."""
    model = randomise(BertModel(bert_config(), add_pooling_layer=False), generator)
    clear_key_bias(model)
    tokens = torch.randint(5, VOCABULARY, (2, 10), generator=generator)
    mask = torch.ones(2, 10, dtype=torch.long)
    mask[1, 6:], tokens[1, 6:] = 0, 0
    weights = {
        f"bert.{name}": value.detach().clone()
        for name, value in model.named_parameters()
        if not name.endswith("key.bias") and "token_type" not in name
    }
    # Rounded to float32 because that is what the file holds; what is left is below 1e-7.
    positions = "bert.embeddings.position_embeddings.weight"
    weights[positions] = (weights[positions] + model.embeddings.token_type_embeddings.weight[0]).detach().float().double()
    weights = {name: value.requires_grad_() for name, value in weights.items()}
    output = bert(weights, SIZE, tokens, key_mask(mask, torch.float64))
    theirs = model(input_ids=tokens, attention_mask=mask).last_hidden_state
    torch.testing.assert_close(output, theirs, rtol=1e-6, atol=1e-6)
    return finish("bert", weights, output, generator, input=tokens, mask=mask)


def cross_block(generator):
    """transformers' BERT layer with cross-attention, as the text stream of one fusion layer."""
    layer = BertLayer(bert_config(is_decoder=True, add_cross_attention=True), layer_idx=0)
    randomise(layer, generator)
    clear_key_bias(layer)
    text = torch.randn(2, 6, WIDTH, generator=generator).double().requires_grad_()
    image = torch.randn(2, 9, WIDTH, generator=generator).double().requires_grad_()
    mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
    name = "fusion.text.layer.0"
    weights = {
        f"{name}.{key}": value.detach().clone().requires_grad_()
        for key, value in layer.named_parameters()
        if not key.endswith("key.bias")
    }
    added = key_mask(mask, torch.float64)
    output = fusion_layer(part(weights, name), text, added, image, None, HEADS)
    theirs = layer(text, attention_mask=added, encoder_hidden_states=image)
    torch.testing.assert_close(output, theirs, rtol=1e-10, atol=1e-10)
    return finish("cross", weights, output, generator, input=text, other=image, mask=mask)


def adamw(generator):
    """Five steps of torch.optim.AdamW after clipping to norm 3; "matrix" is decayed, "vector" is not."""
    matrix = torch.randn(4, 5, generator=generator).double().requires_grad_()
    vector = torch.randn(7, generator=generator).double().requires_grad_()
    optimizer = torch.optim.AdamW(
        [{"params": [matrix], "weight_decay": 0.02}, {"params": [vector], "weight_decay": 0.0}], lr=1e-3, eps=1e-8
    )
    tensors = {"adamw/matrix/0": matrix.detach().clone(), "adamw/vector/0": vector.detach().clone()}
    for index in range(1, 6):
        # Norms below and above the limit.
        scale = [0.1, 2.0, 0.5, 1.0, 0.01][index - 1]
        matrix.grad = (scale * torch.randn(4, 5, generator=generator)).double()
        vector.grad = (scale * torch.randn(7, generator=generator)).double()
        tensors[f"adamw/gradient/matrix/{index}"], tensors[f"adamw/gradient/vector/{index}"] = matrix.grad.clone(), vector.grad.clone()
        norm = torch.nn.utils.clip_grad_norm_([matrix, vector], 3.0)
        optimizer.step()
        tensors[f"adamw/norm/{index}"] = norm.clone()
        for name, value in [("matrix", matrix), ("vector", vector)]:
            tensors[f"adamw/{name}/{index}"] = value.detach().clone()
            tensors[f"adamw/m/{name}/{index}"] = optimizer.state[value]["exp_avg"].clone()
            tensors[f"adamw/v/{name}/{index}"] = optimizer.state[value]["exp_avg_sq"].clone()
    return tensors


def functions(generator):
    """GELU, layer norm, softmax cross-entropy with soft targets, and bicubic positions, with gradients where they matter."""
    tensors = {}
    x = torch.cat([torch.linspace(-12, 12, 97), torch.tensor([0.0, 1e-7, -1e-7, 0.5, -0.5])]).double().requires_grad_()
    y = F.gelu(x)
    tensors |= {"gelu/input": x, "gelu/output": y, "gelu/gradient": torch.autograd.grad(y.sum(), x)[0]}
    x = (3 + 2 * torch.randn(5, 24, generator=generator)).double().requires_grad_()
    weight = torch.randn(24, generator=generator).double().requires_grad_()
    bias = torch.randn(24, generator=generator).double().requires_grad_()
    probe = torch.randn(5, 24, generator=generator).double()
    y = F.layer_norm(x, (24,), weight, bias, 1e-6)
    gradients = torch.autograd.grad((y * probe).sum(), [x, weight, bias])
    tensors |= {"norm/input": x, "norm/weight": weight, "norm/bias": bias, "norm/probe": probe, "norm/output": y}
    tensors |= {f"norm/gradient/{n}": g for n, g in zip(["input", "weight", "bias"], gradients, strict=True)}
    x = (4 * torch.randn(6, 11, generator=generator)).double().requires_grad_()
    targets = torch.randn(6, 11, generator=generator).softmax(1).double()
    loss = F.cross_entropy(x, targets)
    tensors |= {"crossEntropy/input": x, "crossEntropy/targets": targets, "crossEntropy/loss": loss}
    tensors["crossEntropy/gradient"] = torch.autograd.grad(loss, x)[0]
    grid = torch.randn(1, 8, 4, 4, generator=generator).double()
    tensors["positions/input"] = grid.flatten(2).transpose(1, 2)
    for rows, columns in [(6, 6), (3, 2), (4, 4), (7, 5)]:
        resized = F.interpolate(grid, size=(rows, columns), mode="bicubic", align_corners=False, antialias=False)
        tensors[f"positions/{rows}x{columns}"] = resized.flatten(2).transpose(1, 2)
    return tensors


def make_blocks():
    """(tensors, metadata) of blocks.safetensors."""
    generator = torch.Generator().manual_seed(3)
    tensors = {}
    for part in [vit_block, bert_block, cross_block, adamw, functions]:
        tensors |= part(generator)
    versions = {"torch": torch.__version__, "timm": timm.__version__, "transformers": transformers.__version__}
    return tensors, {"width": WIDTH, "heads": HEADS, "layers": LAYERS} | versions
