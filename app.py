"""Shoreline's front door: `flask run`, gunicorn (`app:app`) and `python app.py` all start here."""

from logistics.factory import create_app

app = create_app()

if __name__ == "__main__":
    from logistics.serving import serve

    serve(app)
