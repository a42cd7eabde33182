"""Point at things in the page itself, by typing: vectors of places and words, and a few lines."""

import base64
import json
import re
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from mmtutorial._credits import credit_html
from mmtutorial._html import HtmlBlock, webp_url
from mmtutorial.applications.grounding.finding import SIZE
from mmtutorial.applications.grounding.phrases import LONGEST, SILENT
from mmtutorial.chapters.applications.grounding.experiment import SIDE
from mmtutorial.tasks._grounding_things import FINER, KINDS, load_things
from mmtutorial.tasks._questions import WORDS

OTHER_COLOURS = ("brown", "orange", "pink", "black", "white")  # no label says them; readers do
MOST, LARGEST = 900, 127  # words that a page knows; the largest of a byte
MAKERS = ("fluent_3d", "stamps")  # of the things in the test scenes
CROSS = "the cross"  # where the description points
PLACES = [f"place {down} down, {across} across" for down in range(1, SIDE + 1)
          for across in range(1, SIDE + 1)]  # fmt: skip
DARKEST = 0.3  # share of the places that a map shows as dark as its lowest
STEP = SIZE // SIDE  # pixels from one place to the next
NUMBERS = {  # what stands in the scripts by name
    "SIDE": SIDE, "LAST": SIDE - 1, "COUNT": SIDE**2, "LOW": int(DARKEST * SIDE**2),
    "SHIFT": SIDE.bit_length() - 1,  # `>>SHIFT` divides by SIDE, a power of 2
    "SIZE": SIZE, "STEP": STEP, "HALF": STEP // 2, "FRAME": STEP - 2, "LONGEST": LONGEST,
}  # fmt: skip

# What follows runs where the reader is: it reads words as `WordTable` does, and compares them with
# the places as equation (1) says. `this` is the description; the other controls tell it to look.
# The stored answers go once it has answered, and come back where it cannot.
_POINT = """
const box=this.closest('.mm-point'),stored=box.querySelector('.mm-point-stored'),
 said=box.querySelector('[role=status]');
try{
const text=this,img=box.querySelector('img'),[pick,where]=box.querySelectorAll('select'),
 bytes=s=>Int8Array.from(atob(s),c=>c.charCodeAt(0)<<24>>24),data=box.dataset;
box.names??=JSON.parse(data.words);
box.rows??=new Map(box.names.map((word,row)=>[word,row]));
box.table??=bytes(data.vectors);
box.all??=JSON.parse(data.places).map(bytes);
const places=box.all[pick.selectedIndex],units=places.length/COUNT,known=[],unknown=[],
 quiet=data.silent.split(' '),chinese=/[\\u3400-\\u9fff]/,
 url=pick.selectedOptions[0].dataset.picture;
if(img.src!==url)img.src=url;
let tokens=text.value.toLowerCase().replace(/-/g,' ').match(/[\\u3400-\\u9fff]|[a-z0-9']+/g)||[];
while(tokens.length){
 let n=Math.min(LONGEST,tokens.length),row;
 for(;n;n--){const part=tokens.slice(0,n),key=part.join(part.some(c=>chinese.test(c))?'':' ');
  row=box.rows.get(key);
  if(row!==undefined&&!(n===1&&quiet.includes(key))){known.push([key,row]);break}}
 if(!n){n=1;if(!quiet.includes(tokens[0]))unknown.push(tokens[0])}
 tokens=tokens.slice(n)}
const chosen=known.some(([word])=>word===data.word)?data.word:'',t=new Float32Array(units);
for(const[word,row]of known)if(!chosen||word===chosen)
 for(let k=0;k<units;k++)t[k]+=box.table[row*units+k];
const all=box.table.length/units,
 dot=(a,i,b,j)=>{let sum=0;for(let k=0;k<units;k++)sum+=a[i+k]*b[j+k];return sum},
 length=(of,at)=>Math.sqrt(dot(of,at,of,at))||1,
 cosines=[],norm=length(t,0);
for(let i=0;i<COUNT;i++)
 cosines.push(dot(places,i*units,t,0)/norm/length(places,i*units));
const canvas=box.querySelector('canvas'),draw=canvas.getContext('2d'),
 small=document.createElement('canvas'),dim=small.getContext('2d'),high=Math.max(...cosines),
 low=[...cosines].sort((a,b)=>a-b)[LOW],
 best=cosines.indexOf(high),x=best%SIDE*STEP+HALF,y=(best>>SHIFT)*STEP+HALF;
small.width=small.height=SIDE;
draw.clearRect(0,0,SIZE,SIZE);
const chips=box.querySelector('.mm-point-words');
chips.replaceChildren();
if(known.length){
 cosines.forEach((c,i)=>{dim.fillStyle=`rgba(0,0,0,${.8*(1-Math.max(0,(c-low)/(high-low||1)))})`;
  dim.fillRect(i%SIDE,i>>SHIFT,1,1)});
 draw.drawImage(small,0,0,SIZE,SIZE);
 for(const[width,colour]of[[5,'#000'],[2,'#fff']]){draw.lineWidth=width;draw.strokeStyle=colour;
  draw.beginPath();draw.moveTo(x-6,y);draw.lineTo(x+6,y);draw.moveTo(x,y-6);draw.lineTo(x,y+6);
  draw.stroke()}
 for(const word of['',...new Set(known.map(each=>each[0]))]){
  const chip=document.createElement('button');chip.type='button';
  chip.textContent=word||'all words';chip.setAttribute('aria-pressed',word===chosen);
  chip.onclick=()=>{data.word=word;text.dispatchEvent(new Event('input'))};
  chips.append(chip,' ')}}
said.textContent=known.length?`Points to row ${y}, column ${x}; cosine ${high.toFixed(2)}.`
 :'Type something that it knows, such as: the red fruit.';
if(unknown.length)said.textContent+=' Not known: '+unknown.join(', ')+'.';
const names=box.querySelector('.mm-point-names'),asked=where.selectedIndex-1;
names.textContent='';
if(asked>=0||known.length){
 const at=asked<0?best:asked,fit=row=>
  dot(box.table,row*units,places,at*units)/length(box.table,row*units),
  ranked=[...Array(all).keys()].map(row=>[fit(row),row]).sort((a,b)=>b[0]-a[0]).slice(0,5);
 names.textContent=`Of ${all} words, these fit best at ${where.value}: `
  +ranked.map(each=>box.names[each[1]]).join(', ')+'.';
 if(asked>=0)for(const[width,colour]of[[4,'#000'],[2,'#fff']]){
  draw.lineWidth=width;draw.strokeStyle=colour;
  draw.strokeRect(at%SIDE*STEP+1,(at>>SHIFT)*STEP+1,FRAME,FRAME)}}
stored.hidden=true
}catch(problem){
said.textContent=`This browser lacks what the figure needs (${problem.message}).`;
stored.hidden=false}
"""
_ASK = "this.closest('.mm-point').querySelector('input').dispatchEvent(new Event('input'))"
# A click on the picture chooses the place under it in the list of places.
_CLICK = """
const edge=this.getBoundingClientRect(),
 cell=(at,from,length)=>Math.min(LAST,Math.max(0,Math.floor(SIDE*(at-from)/length))),
 where=this.closest('.mm-point').querySelectorAll('select')[1];
where.selectedIndex=1+SIDE*cell(event.clientY,edge.top,edge.height)
 +cell(event.clientX,edge.left,edge.width);
where.dispatchEvent(new Event('change'))
"""


def page_words(finder) -> list[str]:
    """Return the words that a page knows: colours, kinds, and what the test's things are called.

    The full table is too large for a page.
    """
    kinds = [word for pair in (*KINDS.values(), *FINER.values()) for word in pair]
    things = load_things("test")
    names = [name for code in ("en", "zh") for name in things.names[code]]
    keywords = [each for code in ("en", "zh") for row in things.keywords[code] for each in row]
    colours = [*WORDS["en"]["colour"], *WORDS["zh"]["colour"], *OTHER_COLOURS]
    wanted = [*colours, *kinds, *names, *keywords]
    known = (word for text in wanted for word in finder.table.split(text)[0])
    return list(dict.fromkeys(known))[:MOST]


def to_bytes(vectors: np.ndarray) -> str:
    """Return vectors as bytes in base 64; they keep their directions, and share one length."""
    scaled = LARGEST * vectors / np.abs(vectors).max()
    return base64.b64encode(scaled.round().astype(np.int8).tobytes()).decode()


def _script(text):
    """Return a script as an attribute holds it: in one line, with numbers instead of names."""
    numbered = re.sub(rf"\b({'|'.join(NUMBERS)})\b", lambda name: str(NUMBERS[name[0]]), text)
    return escape(numbered.strip().replace("\n", ""))


def page_pointer(finder, pictures: np.ndarray, texts: Sequence[str]) -> HtmlBlock:
    """Let the reader of a page type what to point at, or ask what is at a place; no network.

    ``pictures`` ``(scenes, 128, 128, 3)`` of uint8 are offered, ``texts`` describe something in
    each. The first one is shown at first. Where its script is off, or the browser lacks what it
    needs, stored answers stand in its place.
    """
    words = page_words(finder)
    keys = [" ".join(word.lower().replace("-", " ").split()) for word in words]
    table = finder.table.encode(words, length=1)[:, 0]
    found = [finder.find(each, text) for each, text in zip(pictures, texts, strict=True)]
    options = "".join(
        f'<option data-picture="{webp_url(Image.fromarray(each), quality=85)}">scene {number}'
        "</option>"
        for number, each in enumerate(pictures, start=1)
    )
    answers = "".join(
        f"<li>scene {number}, {escape(text)}: row {each.point[0]}, column {each.point[1]}</li>"
        for number, (text, each) in enumerate(zip(texts, found, strict=True), start=1)
    )
    places = json.dumps([to_bytes(finder.embed(each)) for each in pictures])
    spots = "".join(f"<option>{spot}</option>" for spot in (CROSS, *PLACES))
    run, click = _script(_POINT), _script(_CLICK)
    first = webp_url(Image.fromarray(pictures[0]), quality=85)
    return HtmlBlock(
        f'<div class="mm-point" data-words="{escape(json.dumps(keys, ensure_ascii=False))}" '
        f'data-vectors="{to_bytes(table)}" data-places="{escape(places)}" data-word="" '
        f'data-silent="{escape(" ".join(sorted(SILENT)))}">'
        f'<p><label>Picture <select onchange="{_ASK}">{options}</select></label> '
        f'<label>Description <input value="{escape(texts[0])}" maxlength="100" size="28" '
        f'oninput="{run}"></label></p>'
        '<div style="position:relative;width:min(100%,20rem)">'
        f'<img src="{first}" alt="A scene of several things" width="{SIZE}" height="{SIZE}" '
        f'style="width:100%;height:auto;display:block" onload="{_ASK}">'
        f'<canvas width="{SIZE}" height="{SIZE}" aria-hidden="true" onclick="{click}" '
        'style="position:absolute;inset:0;width:100%;height:100%"></canvas></div>'
        '<p class="mm-point-words" role="group" aria-label="Show the map of"></p>'
        f'<p role="status"></p><p><label>Words that fit at <select onchange="{_ASK}">{spots}'
        '</select></label></p><p class="mm-point-names" aria-live="polite"></p>'
        '<div class="mm-point-stored"><p>Where this figure cannot run, these are stored answers: '
        f"the model that ships points to</p><ul>{answers}</ul></div>"
        f"{credit_html((), MAKERS)}</div>",
        f"{len(pictures)} scenes, and {len(words)} words to point with",
    )
