"""The typed world model: relations, facts, documents, and the world they make.

Subjects are written as the documents write them: a model is "Corvane 92", a fault
"F-2317", a procedure "P-417", a part "KR-20418", a contract "C-118", a unit "HM-07",
an incident "I-2043", a bulletin "SB-031"; parks, crews, suppliers go by their names.
An object is its value with its unit as written: "2.4 MW", "14 months", "3 June 2030".
"""

from __future__ import annotations

from dataclasses import dataclass, field

GENERATOR_VERSION = "1"

ENTITY_TYPES = (
    "model", "fault", "procedure", "part", "supplier", "contract",
    "park", "unit", "crew", "incident", "bulletin",
)  # fmt: skip

# What `Relation.object_type` may be when the object is no entity.
VALUE_KINDS = (
    "quantity", "count", "money", "date", "year", "time", "person", "place",
    "company", "product", "phrase", "choice", "code",
)  # fmt: skip

DOCUMENT_TYPES = (
    "handbook", "fault_manual", "procedure_book", "parts_catalogue", "park_sheet",
    "contract", "crew_directory", "supplier_directory", "incident_report", "bulletin",
    "contract_amendment", "notice", "price_list",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed relation; `noun` names it in prose ("rated power")."""

    name: str
    subject_type: str
    object_type: str
    unit: str = ""
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement; `quote` is a literal substring of its document's body."""

    id: str
    subject: str
    relation: str
    object: str
    document: str
    edition: int
    quote: str
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One Markdown document; `body` is without the YAML front matter."""

    id: str
    title: str
    type: str
    date: str  # ISO, "2031-03-01"
    edition: int
    body: str
    supersedes: str | None = None


@dataclass(slots=True)
class World:
    """Documents and facts of one edition.

    `entities` lists the subjects of each type, also such as nothing is told about.
    `replaced` (edition 2 only) maps an older fact's id to the id of its successor.
    """

    seed: int
    scale: int
    documents: list[Document] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    entities: dict[str, list[str]] = field(default_factory=dict)
    edition: int = 1
    replaced: dict[str, str] = field(default_factory=dict)
    source: object = None  # the plan (world.Plan) that build_edition2 reads


def _relations() -> dict[str, Relation]:
    rows = [line.split("|") for line in _TABLE.strip().splitlines()]
    cells = [[cell.strip() for cell in row] for row in rows]
    return {c[0]: Relation(c[0], c[1], c[2], c[3], c[4]) for c in cells}


# name | subject type | entity type or value kind of the object | unit | noun
_TABLE = """
rated_power             | model | quantity | MW      | rated power
rotor_diameter          | model | quantity | m       | rotor diameter
hub_height              | model | quantity | m       | hub height
cut_in_wind_speed       | model | quantity | m/s     | cut-in wind speed
cut_out_wind_speed      | model | quantity | m/s     | cut-out wind speed
gearbox_oil             | model | product  |         | gearbox oil
oil_volume              | model | quantity | litres  | gearbox oil volume
oil_change_interval     | model | quantity | months  | oil change interval
blade_bolt_torque       | model | quantity | Nm      | blade bolt torque
tower_bolt_torque       | model | quantity | Nm      | tower bolt torque
yaw_brake_pressure      | model | quantity | bar     | yaw brake pressure
service_interval        | model | quantity | months  | service interval
coolant                 | model | product  |         | converter coolant
converter_location      | model | choice   |         | converter location
accumulator_pressure    | model | quantity | bar     | hydraulic accumulator pressure
minimum_service_temperature | model | quantity | °C  | minimum service temperature
service_wind_limit      | model | quantity | m/s     | wind limit for work in the hub
main_bearing_grease     | model | product  |         | main bearing grease
grease_quantity         | model | quantity | g       | main bearing grease quantity
brake_pad_limit         | model | quantity | mm      | brake pad wear limit
crane_capacity          | model | quantity | kg      | nacelle crane capacity
gearbox_ratio           | model | choice   |         | gearbox ratio
generator_voltage       | model | quantity | V       | generator voltage
design_life             | model | quantity | years   | design life
fault_meaning           | fault | phrase   |         | meaning
fault_component         | fault | phrase   |         | component
fault_procedure         | fault | procedure |        | procedure
fault_part              | fault | part     |         | spare part
fault_response_time     | fault | quantity | hours   | response time
fault_reset             | fault | choice   |         | kind of reset
procedure_title         | procedure | phrase |        | title
procedure_duration      | procedure | quantity | minutes | duration
procedure_crew_size     | procedure | count | technicians | crew size
procedure_tool          | procedure | phrase |        | special tool
procedure_lockout       | procedure | phrase |        | lockout point
part_name               | part  | phrase   |         | name
part_supplier           | part  | supplier |         | supplier
part_price              | part  | money    | euros   | price
part_lead_time          | part  | quantity | weeks   | lead time
part_shelf              | part  | code     |         | shelf
part_minimum_stock      | part  | count    |         | minimum stock
supplier_town           | supplier | place |         | town
supplier_contact        | supplier | person |        | contact
supplier_hotline_hours  | supplier | time  |         | hotline hours
supplier_account        | supplier | code  |         | account number
contract_supplier       | contract | supplier |      | supplier
contract_subject        | contract | phrase |        | subject matter
contract_start          | contract | date  |         | start date
contract_end            | contract | date  |         | end date
notice_period           | contract | quantity | months | notice period
delay_penalty           | contract | money | euros   | penalty for each day of delay
liability_cap           | contract | money | euros   | liability cap
availability_guarantee  | contract | quantity | %    | guaranteed availability
payment_term            | contract | quantity | days | payment term
warranty_period         | contract | quantity | months | warranty period
contract_signatory      | contract | person |        | signatory
delay_clause            | contract | code  |         | clause on delay
park_district           | park  | place    |         | district
park_turbine_count      | park  | count    | turbines | number of turbines
park_model              | park  | model    |         | turbine model
park_commissioned       | park  | year     |         | year of commissioning
park_crew               | park  | crew     |         | service crew
park_substation         | park  | place    |         | substation
park_grid_operator      | park  | company  |         | grid operator
park_access_rule        | park  | phrase   |         | access rule
park_landowner          | park  | person   |         | landowner
park_key_box            | park  | code     |         | key box code
unit_park               | unit  | park     |         | park
unit_remark             | unit  | phrase   |         | peculiarity
crew_lead               | crew  | person   |         | lead
crew_base               | crew  | place    |         | base
crew_extension          | crew  | code     |         | telephone extension
crew_vehicle            | crew  | choice   |         | vehicle
crew_size               | crew  | count    | technicians | size
incident_unit           | incident | unit  |         | unit
incident_date           | incident | date  |         | date
incident_fault          | incident | fault |         | fault code
incident_cause          | incident | phrase |        | cause
incident_downtime       | incident | quantity | hours | downtime
incident_action         | incident | phrase |        | corrective action
bulletin_model          | bulletin | model |         | model concerned
bulletin_deadline       | bulletin | date  |         | deadline
bulletin_reason         | bulletin | phrase |        | reason
bulletin_replaces       | bulletin | bulletin |      | bulletin replaced
"""

RELATIONS: dict[str, Relation] = _relations()

# Relations whose value a bulletin may set; where one does, the handbook says so
# and leaves the value out.
BULLETIN_RELATIONS = (
    "oil_change_interval", "blade_bolt_torque", "tower_bolt_torque",
    "yaw_brake_pressure", "service_interval", "accumulator_pressure",
    "minimum_service_temperature", "service_wind_limit", "grease_quantity",
    "brake_pad_limit", "cut_out_wind_speed",
)  # fmt: skip


def entity_of(relation: str) -> str | None:
    """The entity type of the relation's object, or None where it is a value."""
    kind = RELATIONS[relation].object_type
    return kind if kind in ENTITY_TYPES else None
