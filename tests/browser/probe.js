// What is wrong with the page that is open, as the browser has rendered it: a line each, "KIND: what and where".
// Returned as one text, which is empty where all is well.  arguments[0] is what to look at:
//
//   "look"   structure, names, width and contrast, as the page is rendered now
//   "keys"   begin to note what is focused; "keyed" says what was wrong with it
//   "links"  no complaint: every address that the page leads to, a line each
//
// Contrast is that of WCAG 2.2, 1.4.3 (AA): 4.5, or 3 from 24 px, or from 18.66 px in bold.
const said = [];
const say = (kind, what) => { if (said.length < 40) said.push(kind + ': ' + what); };
const short = text => (text || '').trim().replace(/\s+/g, ' ').slice(0, 50);
const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' "' + short(e.textContent) + '"';
const shown = e => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;

function structure() {
	let level = 0;
	if (!document.documentElement.lang) say('language', 'html has no lang');
	if (!document.title) say('title', 'the page has none');
	for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
		if (+h.tagName[1] > level + 1) say('heading', name(h) + ' comes after level ' + level);
		level = +h.tagName[1];
	}
	if (document.querySelectorAll('h1').length !== 1) say('heading', 'there is not one h1');
	for (const th of document.querySelectorAll('th'))
		if (!['col', 'row'].includes(th.scope)) say('scope', name(th));
	for (const table of document.querySelectorAll('table')) {
		if (!table.caption || !short(table.caption.textContent)) say('caption', name(table));
		if (!table.querySelector('thead th')) say('scope', 'no head of columns in ' + name(table));
		const columns = table.querySelectorAll('thead th').length;
		for (const row of table.querySelectorAll('tbody tr'))
			if ([...row.cells].reduce((n, c) => n + c.colSpan, 0) !== columns) say('cells', name(row) + ' has not ' + columns);
	}
	for (const svg of document.querySelectorAll('svg:not([aria-hidden=true])')) {
		const label = svg.getAttribute('aria-label') || (svg.getAttribute('aria-labelledby') || '').split(' ')
			.map(id => document.getElementById(id)?.textContent || '').join(' ');
		if (svg.getAttribute('role') !== 'img' || !short(label)) say('alternative', 'a drawing without a name in ' + name(svg.parentElement));
	}
	for (const img of document.querySelectorAll('img:not([alt])')) say('alternative', 'img ' + img.src);
	for (const a of document.querySelectorAll('a[href]'))
		if (!short(a.textContent) && !a.getAttribute('aria-label')) say('alternative', 'a link without words to ' + a.getAttribute('href'));
	const ids = new Set();
	for (const e of document.querySelectorAll('[id]')) {
		if (ids.has(e.id)) say('id', e.id + ' stands twice');
		ids.add(e.id);
	}
}

// Whether it stands in a box that scrolls by itself.
const scrolls = e => e && (getComputedStyle(e).overflowX === 'auto' || scrolls(e.parentElement));

function width() {
	const room = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= room) return;
	say('width', document.documentElement.scrollWidth + ' px in ' + room);
	for (const e of document.body.querySelectorAll('*'))
		if (e.getBoundingClientRect().right > room + 1 && !scrolls(e.parentElement)) { say('width', name(e)); break; }
}

const colour = text => {
	const m = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(text);
	return m && [+m[1], +m[2], +m[3], m[4] === undefined ? 1 : +m[4]];
};
const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
const luminance = c => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
	const v = c[i] / 255;
	return sum + weight * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
}, 0);
const contrast = (a, b) => {
	const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
	return (high + 0.05) / (low + 0.05);
};

// What lies behind an element: the backgrounds of all that it is in, from the canvas up, each with its opacity.
function behind(e) {
	const dark = getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches;
	const chain = [];
	for (let at = e; at; at = at.parentElement) chain.unshift(at);
	return chain.reduce((under, at) => {
		const style = getComputedStyle(at), c = colour(style.backgroundColor);
		return c && c[3] ? over([c[0], c[1], c[2], c[3] * style.opacity], under) : under;
	}, dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
}

// The shapes of a drawing that were painted before a text, where its middle is.
function painted(text, shapes, under) {
	const box = text.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
	for (const shape of shapes) {
		if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
		const style = getComputedStyle(shape), c = colour(style.fill);
		if (!c || !shown(shape)) continue;
		const at = new DOMPoint(x, y).matrixTransform(shape.getScreenCTM().inverse());
		if (shape.isPointInFill(at)) under = over([c[0], c[1], c[2], c[3] * style.fillOpacity * style.opacity], under);
	}
	return under;
}

function contrasts() {
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const shapesOf = new Map();
	let seen = 0;
	for (let node = walk.nextNode(); node; node = walk.nextNode()) {
		const e = node.parentElement, svg = e.closest('svg');
		if (!node.data.trim() || e.closest('style,script,title,desc,defs') || !shown(e)) continue;
		const style = getComputedStyle(e);
		let under = behind(svg ? svg.parentElement : e), size = parseFloat(style.fontSize);
		if (svg) {
			if (!shapesOf.has(svg)) shapesOf.set(svg, [...svg.querySelectorAll('rect,circle,path,polygon')].filter(s => !s.closest('defs')));
			under = painted(e, shapesOf.get(svg), under);
			size *= Math.abs(svg.getScreenCTM().a);
			if (size < 8.5 && !matchMedia('print').matches) say('size', size.toFixed(1) + ' px: ' + name(e));
		}
		let ink = colour(svg ? style.fill : style.color);
		if (!ink) { say('contrast', 'no colour that can be read: ' + name(e)); continue; }
		for (let at = e; at; at = at.parentElement) ink[3] *= getComputedStyle(at).opacity;
		const need = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
		const got = contrast(over(ink, under), under);
		seen++;
		if (got < need) say('contrast', got.toFixed(2) + ' of ' + need + ': ' + name(e));
	}
	if (seen < 5) say('contrast', 'only ' + seen + ' texts were seen');
}

const reachable = () => [...document.querySelectorAll('a[href],button,input,select,textarea,summary,[tabindex]')].filter(e => e.tabIndex >= 0 && shown(e));

switch (arguments[0]) {
case 'look':
	structure();
	width();
	contrasts();
	break;
case 'keys':
	window.focused = [];
	addEventListener('focusin', event => {
		const style = getComputedStyle(event.target), box = event.target.getBoundingClientRect();
		window.focused.push({ e: event.target, rim: style.outlineStyle !== 'none' && (style.outlineStyle === 'auto' || parseFloat(style.outlineWidth) >= 2),
			seen: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
			clear: contrast(colour(style.outlineColor), behind(event.target.parentElement)) >= 3 });
	});
	return String(Math.min(reachable().length, 150));
case 'keyed':
	// Each in the document's order, with a rim that stands out, and in sight.
	reachable().slice(0, 150).forEach((e, i) => {
		const f = window.focused[i];
		if (!f || f.e !== e) say('order', 'key ' + (i + 1) + ' led to ' + (f ? name(f.e) : 'nothing') + ', not to ' + name(e));
	});
	for (const f of window.focused) {
		if (!f.rim || !f.clear) say('focus', 'none to be seen on ' + name(f.e));
		if (!f.seen) say('focus', 'out of sight: ' + name(f.e));
	}
	break;
case 'links':
	return [...new Set([...document.querySelectorAll('a[href],link[href]')].map(e => e.href?.baseVal !== undefined ?
		new URL(e.href.baseVal, document.baseURI).href : e.href).filter(h => !h.startsWith('data:')))].map(decodeURI).join('\n');
}
return said.join('\n');
