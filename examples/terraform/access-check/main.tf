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

resource "algorithmia_api_key" "web" {
  name                 = "storefront-web"
  algorithms           = ["algo://demos/sentiment_analysis"]
  origins              = { native = false, web = true, referrers = ["shop.example.com"] }
  keep_secret_in_state = true
}

# The decision of the rule that the gateway enforces, after every apply.
check "storefront" {
  data "algorithmia_access" "shop" {
    id     = algorithmia_api_key.web.id
    call   = "algo://demos/sentiment_analysis"
    origin = "https://shop.example.com"
  }
  assert {
    condition     = data.algorithmia_access.shop.allowed
    error_message = "The shop may not call: ${data.algorithmia_access.shop.reason}"
  }
}

data "algorithmia_api_key" "default" {
  name       = "default-key"
  depends_on = [algorithmia_api_key.web]
}

data "algorithmia_api_keys" "unmanaged" {
  project    = "" # nobody's
  depends_on = [algorithmia_api_key.web]
}

output "made_by_hand" {
  value = keys(data.algorithmia_api_keys.unmanaged.keys)
}

output "default_may_manage" {
  value = data.algorithmia_api_key.default.management
}
