"""The first code of conduct and insurance text, so that a charity has something sensible in force from its first day.

Revision ID: 0005
Revises: 0004
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CONDUCT_EN = """\
We work together for people who have had to leave almost everything. This is what each of us promises.

# Towards the people we serve
- I treat everyone with respect, whoever they are and wherever they come from.
- I take no photographs or films of people, and write nothing about anyone from which they could be recognised.
- I tell nobody outside the crew where or when we meet people.
- I do not give out my address, money or gifts of my own, and I start no private relationship with anyone we serve.
- I never promise what I cannot keep, and give no legal or medical advice unless that is my role.
- I am never alone with a child, and I tell the safeguarding lead at once of anything that worries me.

# Towards each other
- I come when I said I would, and say so in good time when I cannot.
- I listen to the briefing and to the shift's lead. When the lead says that we leave, we leave.
- I harass and insult nobody, and I say so when I see it happen.
- I do not work under the influence of alcohol or drugs.

# When something goes wrong
I tell the shift's lead or a coordinator. Nobody is blamed for telling. Whoever breaks these promises may be asked to
stop volunteering with us.
"""

CONDUCT_FR = """\
Nous travaillons ensemble pour des personnes qui ont dû presque tout quitter. Voici ce que chacun de nous promet.

# Envers les personnes que nous aidons
- Je traite chacun avec respect, qui qu’il soit et d’où qu’il vienne.
- Je ne prends ni photo ni film des personnes, et je n’écris rien qui permettrait de les reconnaître.
- Je ne dis à personne hors de l’équipe où et quand nous les rencontrons.
- Je ne donne ni mon adresse, ni argent, ni cadeau personnel, et je n’entame aucune relation privée avec elles.
- Je ne promets jamais ce que je ne peux tenir, et ne donne aucun conseil juridique ou médical si ce n’est pas mon rôle.
- Je ne reste jamais seul avec un enfant, et je signale aussitôt au référent ce qui m’inquiète.

# Entre nous
- Je viens quand je l’ai dit, et je préviens à temps si je ne peux pas.
- J’écoute le briefing et le responsable du créneau. Quand il dit que l’on part, on part.
- Je ne harcèle ni n’insulte personne, et je le dis quand j’en suis témoin.
- Je ne travaille pas sous l’emprise de l’alcool ou de drogues.

# Quand quelque chose ne va pas
J’en parle au responsable du créneau ou à un coordinateur. Personne n’est blâmé d’en parler. Qui rompt ces promesses
peut être invité à cesser son bénévolat chez nous.
"""

INSURANCE_EN = """\
Please read this before your first shift, and ask a coordinator if anything is unclear.

# What covers you
- While you volunteer on a shift that is planned here, you are covered by our liability insurance for harm that you do
  to others by accident.
- Our insurance does not replace your own. For accidents, illness, travel home and your belongings, bring your own
  travel or health insurance, and a European or Global Health Insurance Card if you have one.

# Driving
- You drive our vehicles only with a valid licence that a coordinator has seen, sober and rested, for our work alone.
- Your own car is insured by you. Ask your insurer whether volunteering is covered.

# Your part
- I follow the safety briefing, and lift, cut, cook and drive only as I was shown.
- I tell the shift's lead of every accident on the same day, also of small ones.
- I have told a coordinator of anything about my health that the crew should know to keep me safe.
"""

INSURANCE_FR = """\
Lisez ceci avant votre premier créneau, et demandez à un coordinateur si quelque chose n’est pas clair.

# Ce qui vous couvre
- Pendant un créneau prévu ici, notre assurance responsabilité civile couvre les dommages que vous causez à autrui par
  accident.
- Notre assurance ne remplace pas la vôtre. Pour les accidents, la maladie, le retour et vos affaires, ayez votre propre
  assurance voyage ou santé, et une carte européenne d’assurance maladie si vous en avez une.

# Conduire
- Vous ne conduisez nos véhicules qu’avec un permis valable vu par un coordinateur, sobre et reposé, pour notre seul
  travail.
- Votre voiture est assurée par vous. Demandez à votre assureur si le bénévolat est couvert.

# De votre côté
- Je suis les consignes de sécurité, et ne porte, ne coupe, ne cuisine et ne conduis que comme on me l’a montré.
- Je signale tout accident au responsable du créneau le jour même, même petit.
- J’ai dit à un coordinateur ce que l’équipe doit savoir de ma santé pour que je sois en sécurité.
"""

TEXTS = {
    ("conduct", "en"): CONDUCT_EN,
    ("conduct", "fr"): CONDUCT_FR,
    ("insurance", "en"): INSURANCE_EN,
    ("insurance", "fr"): INSURANCE_FR,
}
MADE = datetime(2026, 11, 24, tzinfo=UTC)

table = sa.table(
    "agreement_text",
    sa.column("kind", sa.String),
    sa.column("language", sa.String),
    sa.column("version", sa.Integer),
    sa.column("text", sa.Text),
    sa.column("published_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    there = set(op.get_bind().execute(sa.select(table.c.kind)).scalars())
    made = MADE if op.get_bind().dialect.name == "postgresql" else MADE.replace(tzinfo=None)
    rows = [
        {"kind": kind, "language": language, "version": 1, "text": _unfolded(text), "published_at": made}
        for (kind, language), text in TEXTS.items()
        if kind not in there
    ]
    if rows:
        op.bulk_insert(table, rows)


def downgrade() -> None:
    pass  # what was agreed to stays readable; going up again adds nothing that is there


def _unfolded(text: str) -> str:
    """Join the lines that are folded here to fit: the second line of a list's entry, and of a paragraph."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and lines[-1] and line and not line.startswith(("-", "#")) and not lines[-1].startswith("#"):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return "\n".join(lines).strip()
