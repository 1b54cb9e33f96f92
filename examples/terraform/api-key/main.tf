terraform {
  required_version = ">= 1.11"
  required_providers {
    algorithmia = {
      source = "algokeys/algorithmia"
    }
  }
}

# A server: url = "https://keys.example.com", and the admin key in the variable ALGOKEYS_TOKEN.
provider "algorithmia" {
  platform = "file:platform.db"
  account  = "acme"
}

# Drawn anew in each run, and kept in no plan and no state.
ephemeral "algorithmia_secret" "web" {}

resource "algorithmia_api_key" "web" {
  name        = "storefront-web"
  description = "Sentiment widget on the product page"
  algorithms  = ["algo://demos/sentiment_analysis"]

  origins = {
    native    = false
    web       = true
    referrers = ["shop.example.com", "*.shop.example.com"]
  }
  rotation = {
    every   = "90d"
    overlap = "24h"
  }

  # To rotate, count the version up, here and wherever else the secret goes: the key keeps its id.
  secret_wo         = ephemeral.algorithmia_secret.web.secret
  secret_wo_version = 1
}

output "key" {
  value = {
    id   = algorithmia_api_key.web.id
    mask = algorithmia_api_key.web.mask
  }
}
