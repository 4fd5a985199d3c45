"""The server of Autolytiq: tenants, people, customers and deals, with the page served beside them."""

VERSION = "0.1.0"
