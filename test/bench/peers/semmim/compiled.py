"""torch.compile by regions: each kind of layer is compiled once and serves all layers of its kind, since the whole step, some 140
layers in its passes, takes many minutes to compile."""

import torch

from . import losses, model, step


def compile_regions():
    """Puts compiled functions in the places of the layers, the semantic head and the losses over wide rows."""
    torch._dynamo.config.recompile_limit = 64
    compiled = lambda function: torch.compile(function, dynamic=False)
    model.vit_layer, model.bert_layer, model.fusion_layer = map(compiled, (model.vit_layer, model.bert_layer, model.fusion_layer))
    losses.token_logits = compiled(losses.token_logits)
    losses.soft_cross_entropy = step.soft_cross_entropy = compiled(losses.soft_cross_entropy)
    step.bottleneck = compiled(step.bottleneck)
