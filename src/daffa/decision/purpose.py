"""Why data is used, and through which door it would leave. Closed lists; knows nothing else."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Door", "Purpose"]


class Purpose(StrEnum):
    """Why data is used (written as W3C DPV purposes on export)."""

    PUBLIC_SERVICE = "public_service"
    HEALTH_CARE = "health_care"
    JUSTICE = "justice"
    TAXATION = "taxation"
    SOCIAL_PROTECTION = "social_protection"
    EDUCATION = "education"
    AGRICULTURE = "agriculture"
    SECURITY = "security"
    RESEARCH = "research"
    STATISTICS = "statistics"
    TRAINING_AI = "training_ai"
    EVALUATION = "evaluation"
    ADMINISTRATION = "administration"
    PERSONAL_REQUEST = "personal_request"


class Door(StrEnum):
    """The five ways out: prompt to model, dataset to consumer, artifact to deployment, job to site, replica to region."""

    GATEWAY = "gateway"
    FACTORY = "factory"
    FORGE = "forge"
    CLOUD = "cloud"
    NETWORK = "network"
