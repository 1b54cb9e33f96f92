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
}

ephemeral "algorithmia_secret" "each" {
  for_each = local.versions
}

locals {
  # Count a version up to give that key another secret.
  versions = {
    nightly-batch  = 1
    storefront-web = 1
  }
}

# The declaration that the command line reads, too: algokeys plan keys.yaml
resource "algorithmia_api_keys" "storefront" {
  manifest = file("keys.yaml")

  secrets_wo          = { for name, drawn in ephemeral.algorithmia_secret.each : name => drawn.secret }
  secrets_wo_versions = local.versions
}

output "ids" {
  value = algorithmia_api_keys.storefront.ids
}
