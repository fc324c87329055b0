"""The five losses."""

import torch
import torch.nn.functional as F

from .choices import take
from .model import token_logits


def soft_cross_entropy(logits, targets):
    """−Σ targets · log softmax(logits), over the last axis."""
    return -(targets * logits.log_softmax(-1)).sum(-1)


def entropy(probabilities):
    """Mean of −Σ p log p."""
    return torch.special.entr(probabilities).sum(-1).mean()


def contrastive(image, text, teacher_image, teacher_text, queue_image, queue_text, same, temperature, alpha):
    """ITC with soft targets; same [B, B + Q] bool tells the entries of the row's own group."""
    all_text = torch.cat([teacher_text, queue_text])
    all_image = torch.cat([teacher_image, queue_image])
    with torch.no_grad():
        exact = same / same.sum(1, keepdim=True)
        to_text = alpha * (teacher_image @ all_text.T / temperature).softmax(1) + (1 - alpha) * exact
        to_image = alpha * (teacher_text @ all_image.T / temperature).softmax(1) + (1 - alpha) * exact
    image_loss = soft_cross_entropy(image @ all_text.T / temperature, to_text).mean()
    text_loss = soft_cross_entropy(text @ all_image.T / temperature, to_image).mean()
    return (image_loss + text_loss) / 2


def matching(p, positive, negatives):
    """ITM over fused [CLS] states: B matches, then 2B mismatches."""
    logits = F.linear(torch.cat([positive, negatives]), p["itm_head.weight"], p["itm_head.bias"])
    labels = torch.zeros(len(logits), dtype=torch.long, device=logits.device)
    labels[: len(positive)] = 1
    return F.cross_entropy(logits, labels)


def masked_words(student, fused, teacher, teacher_fused, tokens, masked, alpha):
    """MLM at the slots, against the true ids and the teacher's distribution."""
    with torch.no_grad():
        targets = token_logits(teacher, take(teacher_fused, masked.slots)).softmax(-1)
    scores = token_logits(student, take(fused, masked.slots)).log_softmax(-1)
    hard = -scores.gather(-1, tokens.gather(1, masked.slots)[..., None]).squeeze(-1)
    soft = -(targets * scores).sum(-1)
    per_slot = masked.valid * ((1 - alpha) * hard + alpha * soft)
    return (per_slot.sum(1) / masked.counts.clamp(min=1)).mean()
