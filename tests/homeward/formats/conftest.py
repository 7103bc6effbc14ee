"""A small programme that is right in every file, and what a reader says when one file is changed."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from homeward.formats.folder import Reading, read_programme

Files = Mapping[str, str | bytes | None]

RIGHT: Mapping[str, str] = {
    "programme.toml": (
        'schema = 1\nname = "Arvad and Belmar"\nconflict = "a war"\nas_of = 2018-07-16\n'
        '[genetics]\npopulation = "North"\n[prior]\nlisted_share = 0.5\nnot_listed = 0.3\n'
        '[prior.outsiders]\nbelmar = 0.2\n[outsiders.belmar]\npopulation = "South"\n'
    ),
    "missing.csv": (
        "person_id,family_name,sex,birth_date,incident_id,lost_on,lost_until,last_seen_lat,last_seen_lon,"
        "last_seen_radius_m,status\n"
        "P1,Kim,M,1931,I1,1950-11-27,1950-12,40.35,127.25,500,missing\n"
        "P2,Moon,M,withheld,I1,1950-11,,,,,\n"
    ),
    "incidents.csv": "incident_id,kind,name,date,lat,lon,radius_m\nI1,battle,The river,1950-11,40.3,127.2,20000\n",
    "pedigrees.csv": (
        "family_id,member_id,father_id,mother_id,sex,person_id\n"
        "F1,f,,,M,\nF1,m,,,F,\nF1,son,f,m,M,P1\nF1,sister,f,m,F,\n"
        "F2,mother,,,F,\nF2,lost,,mother,M,P2\n"
    ),
    "markers.csv": "marker,chromosome,min_frequency,sample_size,aliases\nTH01,A,0.001,500,Tee\nDYS391,Y,,,\n",
    "samples.csv": (
        "sample_id,subject_id,kind\nS1,m,reference\nS2,sister,reference\nS3,mother,reference\nS4,R1,remains\n"
        "S5,technician,elimination\n"
    ),
    "profiles.csv": (
        "sample_id,subject_id,marker,allele_1,allele_2\n"
        "S1,m,TH01,6,9.3\nS1,m,vWA,14,17\nS1,m,AMEL,X,X\n"
        "S2,sister,TH01,6,7\nS2,sister,vWA,-,-\nS3,mother,TH01,9.3,9.3\n"
        "S4,R1,TH01,6,?\nS4,R1,vWA,14,14\nS4,R1,AMEL,X,Y\nS5,technician,TH01,6,6\n"
    ),
    "frequencies.csv": (
        "population,marker,allele,frequency\n"
        "North,TH01,6,0.4\nNorth,TH01,7,0.35\nNorth,TH01,9.3,0.25\nNorth,vWA,14,0.5\nNorth,vWA,17,0.5\n"
        "South,TH01,6,0.5\nSouth,TH01,9.3,0.5\n"
    ),
    "mutation.csv": (
        "marker,model,rate_female,rate_male,rate2,range,transform\nTH01,stepwise,0.001,0.002,1e-06,0.1,PM\n"
        "vWA,custom,,,,,\n"
    ),
    "mutation_matrices.csv": (
        "marker,sex,from,to,probability\n"
        "vWA,F,14,14,0.999\nvWA,F,14,17,0.001\nvWA,F,17,14,0.001\nvWA,F,17,17,0.999\n"
        "vWA,M,14,14,0.998\nvWA,M,14,17,0.002\nvWA,M,17,14,0.002\nvWA,M,17,17,0.998\n"
    ),
    "remains.csv": (
        "remains_id,accession,container_id,found_on,found_lat,found_lon,found_radius_m,claimed_person,sex,"
        "stature_cm_low,stature_cm_high,age_low,age_high,same_as\n"
        "R1,A-1,box 7,2018-07,40.35,127.25,2000,P1,M,165,175.5,18,25,\n"
        "R2,A-1,box 7,,,,,,,untested,,,,\n"
    ),
    "decisions.csv": (
        "remains_id,about,outcome,decided_on,by,reason\nR1,P2,excluded,2019-01-31,board,age\n"
        "R2,outsider:belmar,affiliation,2019,board,buttons\n"
    ),
}

WriteFolder = Callable[[Files], Path]
ReadWith = Callable[[Files], Reading]


@pytest.fixture
def right() -> Mapping[str, str]:
    """Name of each file -> its text."""
    return RIGHT


@pytest.fixture
def write_folder(tmp_path: Path) -> WriteFolder:
    """Write the small programme with some of its files changed; None takes a file away."""

    def write(changed: Files) -> Path:
        folder = tmp_path / "programme"
        folder.mkdir()
        for name, content in {**RIGHT, **changed}.items():
            if content is not None:
                (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


@pytest.fixture
def read_with(write_folder: WriteFolder) -> ReadWith:
    """What the reader says about the small programme with some of its files changed."""
    return lambda changed: read_programme(write_folder(changed))
