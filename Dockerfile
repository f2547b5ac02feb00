FROM python:3.13-slim

WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 GSWARM_DATA_DIR=/data

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY app.py wsgi.py gunicorn.conf.py ./
COPY gswarm gswarm
COPY frontend frontend

RUN useradd --create-home gswarm && install -d -o gswarm -m 700 /data
USER gswarm
VOLUME /data
EXPOSE 3000
HEALTHCHECK CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 3000}/healthz\", timeout=3)"]

# Workers end their streams within 20 seconds of SIGTERM: allow 30 before a kill.
CMD ["gunicorn", "wsgi:app"]
