"""The losses of this project in float64, as naive loops over the formulas; no torch.

s (M, M) cosine similarities, k and q (M, D) superpoints and superpixels, t the temperature.
"""

from __future__ import annotations

import math

import numpy as np


def cosine(features):
    m = len(features)
    s = np.zeros((m, m))
    for i in range(m):
        for j in range(m):
            a, b = features[i].astype(np.float64), features[j].astype(np.float64)
            norms = math.sqrt(sum(a * a)) * math.sqrt(sum(b * b))
            s[i, j] = sum(a * b) / norms if norms else 0.0
    return s


def quantile(values, share):
    """Linear interpolation between the two order statistics around `share * (n - 1)`."""
    ordered = sorted(float(value) for value in values)
    rank = share * (len(ordered) - 1)
    below, above = math.floor(rank), math.ceil(rank)
    return ordered[below] + (rank - below) * (ordered[above] - ordered[below])


def quantile_weights(s, min_quantile, max_quantile=1.0):
    """Weights and the entries within 1e-6 of a threshold, where float32 may decide otherwise."""
    m = len(s)
    w, near_tie = np.ones((m, m)), np.zeros((m, m), dtype=bool)
    for i in range(m):
        distances = [1.0 - float(s[i, j]) for j in range(m)]
        low, high = quantile(distances, min_quantile), quantile(distances, max_quantile)
        for j, distance in enumerate(distances):
            if distance < low or distance > high or distance <= 0.0:
                w[i, j] = 0.0
            close_to_low = min_quantile > 0 and abs(distance - low) < 1e-6
            close_to_high = max_quantile < 1 and abs(distance - high) < 1e-6
            near_tie[i, j] = close_to_low or close_to_high
        w[i, i], near_tie[i, i] = 1.0, False
    return w, near_tie


def soft_weights(s):
    w = np.ones(s.shape)
    for i in range(len(s)):
        for j in range(len(s)):
            if i != j:
                w[i, j] = 1.0 - min(max(float(s[i, j]), 0.0), 1.0)
    return w


def anchor_weights(s, threshold=0.5):
    votes = [sum(float(x) for x in row if x >= threshold) for row in s]
    if max(votes) - min(votes) <= 3.8e-6 * max(votes):
        return np.ones(len(s))
    return np.array([1 - (v - min(votes)) / (max(votes) - min(votes)) for v in votes])


def contrastive_loss(k, q, t, w=None, a=None, excluded=False):
    """Loss, its gradient by k and its gradient by q."""
    k, q = k.astype(np.float64), q.astype(np.float64)
    m = len(k)
    w = np.ones((m, m)) if w is None else w
    a = np.ones(m) if a is None else a
    loss, grad_k, grad_q = 0.0, np.zeros_like(k), np.zeros_like(q)
    for i in range(m):
        share = a[i] / sum(a)
        columns = [j for j in range(m) if not (excluded and w[i, j] == 0.0)]
        logits = {j: w[i, j] * float(k[i] @ q[j]) / t for j in columns}
        largest = max(logits.values())
        total = sum(math.exp(logit - largest) for logit in logits.values())
        loss += share * (largest + math.log(total) - logits[i])
        for j in columns:
            probability = math.exp(logits[j] - largest) / total
            slope = share * (probability - (i == j)) * w[i, j] / t
            grad_k[i] += slope * q[j]
            grad_q[j] += slope * k[i]
    return loss, grad_k, grad_q
