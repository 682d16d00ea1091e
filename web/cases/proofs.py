"""What a reader takes away of a case as proof: the receipt of a hand-over, and the whole dossier."""

from __future__ import annotations

from typing import Any

from flask import Response, send_file

from web.current import actor, now, office
from web.exports.handing import begin, made
from web.passing import passing_file
from web.scanning import scans
from workflow.dossier import require_dossier, write_dossier
from workflow.keyring import public_keys
from workflow.reads.receipts import receipt_of
from workflow.reads.seen import see
from workflow.text import canonical


def receipt(case_id: int, seq: int) -> Any:
    """The signed receipt of an event that the reader sees."""
    asked, signer = office().engine.read, office().signer
    told = asked(
        now(), lambda store, occasion: receipt_of(see(store, occasion, actor(), case_id), seq, signer=signer, now=now())
    )
    answer = Response(f"{canonical(told)}\n", mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"receipt-{case_id}-{seq}.json")
    return answer


def dossier(case_id: int) -> Any:
    """The case with its history, files, receipts and last checkpoint, as one file that proves itself."""
    settings = office().settings
    office().engine.read(now(), lambda store, occasion: require_dossier(see(store, occasion, actor(), case_id)))
    mark = begin("dossier", "zip", 1)
    target = passing_file()  # the answer closes it, once it is sent

    def write(store: Any, occasion: Any) -> None:
        seen = see(store, occasion, actor(), case_id)
        require_dossier(seen)
        told: dict[str, Any] = {
            "signer": office().signer,
            "keys": public_keys(settings.key_folder),
            "vault": office().vault,
            "now": now(),
            "taken_by": mark.borne,
            "scans": scans(),
        }
        write_dossier(target, seen, **told)

    try:
        office().engine.read(now(), write)
    except BaseException:
        target.close()
        raise
    made(1)
    target.seek(0)
    return send_file(target, mimetype="application/zip", as_attachment=True, download_name=f"dossier-{case_id}.zip")
