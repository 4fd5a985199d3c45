"""Facts that laws ask, in a salesperson's words; a fact that is not here is asked in the words of the catalogue."""

from msgspec import Struct


class Asked(Struct, frozen=True):
    """How a fact is asked, and how a sentence names it (`waits for the new tires`)."""

    label: str
    noun: str


ASKED: dict[str, Asked] = {
    "residence_county_kind": Asked("Customer's county, by its emission tests", "customer's county"),
    "new_tires": Asked("New tires on the vehicle, spare included", "number of new tires"),
    "plate_transferred": Asked("Customer moves a plate from another vehicle", "plate answer"),
    "dealer_private_industry_partner": Asked(
        "Our store files with the state's motor vehicle department itself", "filing answer"
    ),
    "registration_year": Asked("Which registration is this since new? First is 1", "year of registration"),
    "cylinders": Asked("Engine cylinders", "number of cylinders"),
    "dealer_state": Asked("Our store is in", "store's state"),
    "titled_in": Asked("Titled and registered in", "state of the title"),
    "new_resident": Asked("Customer moved here and brings the vehicle along", "moving answer"),
    "prior_tax_amount": Asked("Sales tax already paid elsewhere on this vehicle", "tax paid elsewhere"),
    "trade_type": Asked("What is traded in", "kind of trade"),
    "trade_titled_to_buyer": Asked("The trade is the customer's own", "trade answer"),
    "buyer_age": Asked("Customer's age", "customer's age"),
    "base_list_price": Asked("Maker's base list price, without options and freight", "base list price"),
    "commuter_district": Asked("Customer lives in New York City or the counties around it", "commuter district answer"),
    "fee_class": Asked("Registered as", "registration class"),
}
