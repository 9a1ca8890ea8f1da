from supajobs.cli import app

app()
