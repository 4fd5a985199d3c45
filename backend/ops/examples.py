"""A body that works for every route that takes one; ids stand for those of the reader's own things."""

from typing import Any

THING = "01a21400-8224-7964-9db4-67cc6794a2cc"
DEVICE = {"id": "01a21400-6f3c-7c4e-9a51-3a8f2b1c7d90", "name": "Desk in the tower"}
TICKET = "the.ticket.of-the-answer-before"
PASSWORD = "four words nobody guesses"  # noqa: S105 - an example
CUSTOMER: dict[str, Any] = {
    "first_name": "Ana",
    "last_name": "O'Brien",
    "contacts": [
        {"id": "mobile", "kind": "mobile", "value": "(214) 555-0100", "preferred": True},
        {"id": "email", "kind": "email", "value": "ana@example.com"},
    ],
    "addresses": [{"id": "home", "street": "1 Main St", "city": "Dallas", "state": "TX", "zip": "75201"}],
    "vehicles": [{"id": "own", "vin": "1HGCM82633A004352", "model_year": 2003, "make": "Honda", "model": "Accord"}],
    "consents": [{"id": "text", "channel": "text", "given": True, "at": "2026-11-22T16:00:00Z", "how": "in person"}],
}
DEAL: dict[str, Any] = {
    "rooftop_id": THING,
    "dates": {"quoted_on": "2026-11-22"},
    "place": {"state": "SC", "facts": {"buyer_age": 40}},
    "vehicle": {"model_year": 2026, "make": "Honda", "model": "Accord", "new_or_used": "new", "fuel": "gasoline"},
    "selling_price": 3000000,
    "structure": {"kind": "finance", "months": 72, "rate": "6.99"},
    "money_down": {"cash_down": 300000},
}
BODIES: dict[str, Any] = {
    "SignIn": {
        "dealer_group": "demo",
        "email": "sales@demo.example.com",
        "password": PASSWORD,
        "code": "123456",
        "device": DEVICE,
    },
    "EnrollStart": {"enroll_ticket": TICKET},
    "EnrollConfirm": {"enroll_ticket": TICKET, "code": "123456", "device": DEVICE},
    "AcceptInvitation": {"token": "01a2140082247964.the-secret-that-your-admin-gave-you", "password": PASSWORD},
    "ChangePassword": {"password": PASSWORD, "new_password": "another four words unguessed"},
    "NewRecoveryCodes": {"password": PASSWORD},
    "CreateTenant": {
        "slug": "lone-star-motors",
        "name": "Lone Star Motors",
        "admin_email": "ada@lonestar.example.com",
        "admin_name": "Ada Admin",
    },
    "ChangeTenant": {"name": "Lone Star Motor Group"},
    "CreateRooftop": {"code": "DAL3", "name": "Lone Star Dallas", "state": "TX"},
    "ChangeRooftop": {"name": "Lone Star North Dallas"},
    "ChangeUser": {"role": "manager"},
    "CreateInvitation": {"email": "sam@lonestar.example.com", "name": "Sam Sales", "role": "sales"},
    "PutSettings": {
        "default_place": {"state": "TX", "county": "Dallas"},
        "document_fee": 22500,
        "products": [{"id": "vsc", "kind": "service_contract", "name": "Five years", "price": 219500}],
        "sales_see": "rooftop",
    },
    "CreateCustomer": CUSTOMER,
    "PutCustomer": CUSTOMER,
    "MergeCustomer": {"other_id": THING, "other_rev": 1},
    "CreateDeal": {"deal": DEAL, "shown": {"selling_price": 3000000}},
    "PutDeal": {"deal": DEAL, "shown": {"selling_price": 3000000}},
    "MoveDeal": {"status": "presented"},
    "PencilDeal": {},
}
CSV = "first_name,last_name,mobile,state\nAna,O'Brien,(214) 555-0100,TX\n"
