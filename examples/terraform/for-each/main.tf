terraform {
  required_version = ">= 1.11"
  required_providers {
    algorithmia = {
      source = "algokeys/algorithmia"
    }
  }
}

provider "algorithmia" {
  platform = "file:platform.db"
  account  = "acme"
}

# A resource for each key of a declaration; from some hundred keys on, algorithmia_api_keys is much faster.
resource "algorithmia_api_key" "each" {
  for_each = provider::algorithmia::manifest(file("keys.yaml"))

  name        = each.key
  description = each.value.description
  algorithms  = each.value.algorithms
  origins     = each.value.origins
  data        = each.value.data
  management  = each.value.management
  enabled     = each.value.enabled
  expires     = each.value.expires
  protect     = each.value.protect
  labels      = each.value.labels
  rotation    = each.value.rotation

  keep_secret_in_state = true # everyone who reads the state reads the secrets: prefer secret_wo

  lifecycle {
    precondition {
      condition     = alltrue([for one in each.value.algorithms : !provider::algorithmia::covers(one, "algo://*")])
      error_message = "No key may call everything."
    }
  }
}
