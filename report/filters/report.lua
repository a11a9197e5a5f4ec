-- The one filter of the report, for Quarto and for the embedded engine alike.
--
-- It turns the report's own markup into what each format needs:
--   ::: figure / ::: table   a figure or a table with its ::: caption and ::: note, kept together and linked by its id
--   ::: landscape            (on a table) its own landscape page
--   ::: compact              the smaller type of a brief
--   ::: list-of              a list of figures or tables as links with page numbers
--   # Heading {.front}       front matter; the body and its page numbers start at the first # heading without it
--   # Heading {.before-contents}   (at the very front) placed before the contents, which otherwise come first
-- A broken link or an image from the network is an error.

local function is(format) return FORMAT:match(format) ~= nil end
local brief = false     -- a county's two-page brief
local docx, typst, html = is "docx", is "typst", is "html"

-- Quarto's `error` only logs; a failed assertion stops either engine.
local function refuse(message) assert(false, message) end

local function raw(text) return pandoc.RawBlock(docx and "openxml" or typst and "typst" or "html", text) end

local function quoted(text) return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("%s+", " ") .. '"' end

local function attribute(text) return (text:gsub("&", "&amp;"):gsub('"', "&quot;"):gsub("<", "&lt;")) end

local function between(before, blocks, after)
  local all = pandoc.Blocks { raw(before) }
  all:extend(blocks)
  all:insert(raw(after))
  return all
end

local function styled(style, blocks) return pandoc.Div(blocks, pandoc.Attr("", {}, { ["custom-style"] = style })) end

-- Printed width of a text in half-widths of a Chinese character, allowing for a Latin face wider than Times;
-- marks of numbers have no width.
local LATIN = { { "[.,:;]", 0.7 }, { "[%%A-Z]", 1.6 }, { ".", 1.25 } }

local function breadth(text)
  local sum, before = 0, nil     -- before: whether the last character was an ideograph
  for _, code in utf8.codes(text) do
    local width = 2
    if code >= 0xF0000 then
      width = 0
    elseif code < 0x80 then
      for _, kind in ipairs(LATIN) do
        if utf8.char(code):match(kind[1]) then width = kind[2] break end
      end
    end
    local ideograph = code >= 0x4E00 and code < 0xA000
    if before == not ideograph and (ideograph or utf8.char(code):match "%w") then sum = sum + 0.5 end     -- a space that is set
    if ideograph or code < 0x80 then before = ideograph else before = nil end
    sum = sum + width
  end
  return sum
end

-- Longest part of a text that must not be broken: a number, a Latin word, or two Chinese characters.
local function longest_piece(text)
  local longest = math.min(breadth(text), 4)
  for piece in text:gsub("−", "-"):gmatch "[\33-\126]+" do longest = math.max(longest, breadth(piece)) end
  return longest
end

local function slice(text, first, last) return text:sub(utf8.offset(text, first), utf8.offset(text, last + 1) - 1) end

-- Lines of a name that does not fit on one: level 1 puts the unit on the next line, level 2 also halves the name.
local function lines_of(text, level)
  local name, unit = text:match "^(.+)(（.-）)$"
  name = name or text
  local length, lines = utf8.len(name), { name }
  if length > 3 and not name:find "[\33-\126]" and level > 1 then
    local middle = math.ceil(length / 2)
    lines = { slice(name, 1, middle), slice(name, middle + 1, length) }
  end
  if unit then table.insert(lines, unit) end
  return level == 0 and { text } or lines
end

local function longest_line(text, level)
  local longest = 0
  for _, line in ipairs(lines_of(text, level)) do longest = math.max(longest, breadth(line)) end
  return longest
end

local function each_cell(rows, see)
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row.cells) do
      if cell.col_span == 1 then see(column, cell, pandoc.utils.stringify(cell.contents)) end
    end
  end
end

local function body_rows(tbl)
  local rows = pandoc.List {}
  for _, body in ipairs(tbl.bodies) do rows:extend(body.body) end
  return rows
end

-- Align the decimal points of a column: an invisible tail follows a shorter number.
local function align_decimals(tbl)
  local longest = {}
  local function tail(text) return text:gsub("^−", ""):match "^[-+]?[%d,]+(%.?%d*)%%?$" end
  each_cell(body_rows(tbl), function(column, _, text)
    local own = tail(text)
    if own and #own > #(longest[column] or "") then longest[column] = own end
  end)
  each_cell(body_rows(tbl), function(column, cell, text)
    local own, rest = tail(text), nil
    if own and longest[column] and tbl.colspecs[column][1] == "AlignRight" then rest = longest[column]:sub(#own + 1):gsub("%d", "0") end
    if rest and rest ~= "" then cell.contents[1].content:insert(pandoc.Span(rest, pandoc.Attr("", { "tail" }))) end
  end)
end

-- Widths by content, unless the source gives them; every table fills the text width. A table is set in 10.5 points if its
-- columns fit, otherwise in 9 where allowed; in a brief always in 9. Numbers and words are never broken; short cells stay on
-- one line, longer ones get at least eight characters; names break before their unit or in the middle. The remaining width
-- goes to the columns that need it.
local SIZE, SMALL = 10.5, 9
local PADDING, MOST = 8.5, 16     -- of a cell [points]; longest line of a cell [half characters]

local function sum_of(widths)
  local sum = 0
  for _, width in ipairs(widths) do sum = sum + width end
  return sum
end

-- Width of each column: minimum, preferred and full.
local function widths_of(tbl, size, level)
  local hard, fair, full = {}, {}, {}
  local function widen(widths, column, width)
    widths[column] = math.max(widths[column] or 0, width + 2 * PADDING / size)
  end
  each_cell(tbl.head.rows, function(column, _, text)
    local width = longest_line(text, level)
    widen(hard, column, longest_piece(text))
    widen(fair, column, width)
    widen(full, column, width)
  end)
  each_cell(body_rows(tbl), function(column, _, text)
    local piece = longest_piece(text)
    widen(hard, column, piece)
    widen(fair, column, math.max(piece, math.min(longest_line(text, math.min(level, 1)), MOST)))
    widen(full, column, breadth(text))
  end)
  return hard, fair, full
end

-- Set the widths of all columns; return the type size.
local function set_widths(tbl, points, sizes)
  local given, same = tbl.colspecs[1][2], true
  for _, spec in ipairs(tbl.colspecs) do same = same and spec[2] == given end
  if given and not same then return sizes[#sizes] end
  local size, measure, least, wanted
  for _, try in ipairs(sizes) do
    for level = 0, 2 do
      local hard, fair, full = widths_of(tbl, try, level)
      size, measure, least, wanted = try, 2 * points / try, fair, full
      if sum_of(fair) <= measure then goto found end
      least, wanted = hard, fair
    end
  end
  ::found::
  local more = {}
  for column, width in ipairs(least) do more[column] = 1 + math.sqrt(math.max(wanted[column] - width, 0)) end
  local left, specs = math.max(measure - sum_of(least), 0), tbl.colspecs
  for column, spec in ipairs(specs) do
    spec[2] = (least[column] + left * more[column] / sum_of(more)) / (sum_of(least) + left)
  end
  tbl.colspecs = specs
  return size
end

-- A name that does not fit on one line breaks where it reads best: "停电时间" over "（小时）".
local function break_names(tbl, points, size)
  local function break_in(rows, last, slack)     -- level; half characters that may be less in print
    each_cell(rows, function(column, cell, text)
      local room, level = 2 * (tbl.colspecs[column][2] * points - PADDING) / size, 0
      while level < last and longest_line(text, level) > room + (level == 0 and slack or 0) do level = level + 1 end
      if level == 0 or longest_line(text, level) > room then return end
      local inlines = pandoc.Inlines {}
      for number, line in ipairs(lines_of(text, level)) do
        if number > 1 then inlines:insert(pandoc.LineBreak()) end
        inlines:insert(pandoc.Str(line))
      end
      cell.contents = { pandoc.Plain(inlines) }
    end)
  end
  break_in(tbl.head.rows, 2, 0)
  break_in(body_rows(tbl), 1, 2)
end

local function image(img)
  local alt = pandoc.utils.stringify(img.caption)
  if img.src:match "^%a[%w+.-]+:" then refuse("image from the network: " .. img.src) end
  if alt == "" then refuse("image without alternative text: " .. img.src) end
  img.identifier = ""     -- only there to make Quarto leave the image alone
  img.attributes.width = img.attributes.width or "100%"
  if docx then
    img.src = img.src:gsub("%.svg$", ".png")
  elseif typst then
    local width = img.attributes.width:match "%%$" and img.attributes.width or "100%"
    return pandoc.RawInline("typst", "#image(" .. quoted(img.src) .. ", alt: " .. quoted(alt) .. ", width: " .. width .. ")")
  end
  return img
end

-- "图 3-1  题名": a space one character wide follows the number.
local function caption_text(blocks)
  local inlines, spaces = pandoc.utils.blocks_to_inlines(blocks), 0
  for position, inline in ipairs(inlines) do
    if inline.t == "Space" then
      spaces = spaces + 1
      if spaces == 2 then inlines[position] = pandoc.Str "\u{3000}" end
    end
  end
  return inlines
end

-- Parts of a figure or table div.
local function parts(div)
  local caption, note, object = pandoc.Inlines {}, nil, pandoc.Blocks {}
  for _, block in ipairs(div.content) do
    if block.t == "Div" and block.classes:includes "caption" then
      caption = caption_text(block.content)
    elseif block.t == "Div" and block.classes:includes "note" then
      note = block.content
    else
      object:insert(block)
    end
  end
  return caption, note, object
end

local function figure(div)
  local caption, note, object = parts(div)
  if docx then
    div.content = pandoc.Blocks { styled("Figure", object), styled("Image Caption", pandoc.Para(caption)) }
    if note then div.content:insert(styled("Note", note)) end
    return div
  elseif typst then
    object:extend(between("#caption[", { pandoc.Plain(caption) }, "]"))
    if note then object:extend(between("#note[", note, "]")) end
    return between("#figure-box[", object, "] <" .. div.identifier .. ">")
  end
  object:extend(between("<figcaption>", { pandoc.Plain(caption) }, "</figcaption>"))
  if note then object:insert(pandoc.Div(note, pandoc.Attr("", { "note" }))) end
  return between('<figure id="' .. div.identifier .. '">', object, "</figure>")
end

-- The end of a section in Word, portrait or landscape; the margins turn with the page.
local function section_end(landscape)
  local size = landscape and '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>' or '<w:pgSz w:w="11906" w:h="16838"/>'
  local margins = landscape and 'w:top="1588" w:right="2098" w:bottom="1474" w:left="1984"'
    or 'w:top="2098" w:right="1474" w:bottom="1984" w:left="1588"'
  return raw("<w:p><w:pPr><w:sectPr>" .. size .. "<w:pgMar " .. margins
    .. ' w:header="1247" w:footer="1020" w:gutter="0"/></w:sectPr></w:pPr></w:p>')
end

local WHOLE_TABLE = 300     -- [points] below the header; a taller table may break across pages

-- Height of some rows of a table [points], from the lines of their cells.
local function height_of(tbl, rows, points, size)
  local height = 0
  for _, row in ipairs(rows) do
    local lines = 1
    each_cell({ row }, function(column, _, text)
      lines = math.max(lines, math.ceil(breadth(text) * size / 2 / (tbl.colspecs[column][2] * points - PADDING)))
    end)
    height = height + 1.5 * lines * size + 6
  end
  return height
end

-- The last rows of a table that goes on stay together, unless they are very high: a footer is not divided.
local function keep_last_rows(tbl, points, size)
  local rows, body = body_rows(tbl), tbl.bodies[#tbl.bodies]
  local last = { rows[#rows - 1], rows[#rows] }
  if #body.body < 3 or height_of(tbl, last, points, size) > WHOLE_TABLE then return end
  body.body:remove()
  body.body:remove()
  tbl.foot = pandoc.TableFoot(last)
end

-- A row above the header, visible only on continuation pages: "续表 2-1".
local function continued(tbl, number)
  local note = pandoc.RawBlock("typst", "#continued[续" .. number .. "]")
  local cell = pandoc.Cell({ note }, "AlignLeft", 1, #tbl.colspecs)
  tbl.head.rows:insert(1, pandoc.Row { cell })
end

local function sizes_of(div)
  if brief or div.classes:includes "in-brief" then return { SMALL } end
  return div.classes:includes "small" and { SIZE, SMALL } or { SIZE }
end

local function table_of(div)
  local caption, note, object = parts(div)
  local landscape = div.classes:includes "landscape"
  local title = pandoc.utils.stringify(caption)
  local points = landscape and 638 or 442     -- width of the text [points]
  local size, broken
  object = object:walk { Table = function(tbl)
    align_decimals(tbl)
    size = set_widths(tbl, points, sizes_of(div))
    broken = height_of(tbl, body_rows(tbl), points, size) > WHOLE_TABLE
    break_names(tbl, points, size)
    if docx and size == SMALL then tbl.attr.attributes["custom-style"] = "TableSmall" end     -- Pandoc uses it as the style id
    if html then tbl.caption = { long = pandoc.Blocks { pandoc.Plain(caption) } } end
    if typst and broken then
      keep_last_rows(tbl, points, size)
      continued(tbl, title:match "^(.-)\u{3000}")
    end
    return tbl
  end }
  if docx then
    div.classes = {}     -- Quarto would also turn the page of a landscape div
    if broken then caption:insert(pandoc.RawInline("openxml", '<w:smartTag w:element="broken"/>')) end
    div.content = pandoc.Blocks { styled("Table Caption", pandoc.Para(caption)) }
    div.content:extend(object)
    if note then div.content:insert(styled("Note", note)) end
    if landscape then return { section_end(false), div, section_end(true) } end
    return div
  elseif typst then
    local all = between("#caption[", { pandoc.Plain(caption) }, "]")
    all:extend(object)
    if note then all:extend(between("#note[", note, "]")) end
    local options = "size: " .. size .. "pt, broken: " .. tostring(broken)
    all = between("#table-box(" .. options .. ")[", all, "] <" .. div.identifier .. ">")
    return landscape and between("#page(flipped: true)[", all, "]") or all
  end
  local scroll = '<div class="scroll" role="region" tabindex="0" aria-label="' .. attribute(title) .. '">'
  local all = between(scroll, object, "</div>")
  if note then all:insert(pandoc.Div(note, pandoc.Attr("", { "note" }))) end
  div.content = all
  return div
end

local function list_of(div)
  if html then return div end
  local entries = pandoc.Blocks {}
  div:walk { Link = function(link)
    local id = link.target:sub(2)
    if docx then
      -- placeholder for the page number; the finished field replaces it
      local page = pandoc.RawInline("openxml", '<w:smartTag w:element="page" w:uri="' .. id .. '"/>')
      local tab = pandoc.RawInline("openxml", "<w:r><w:tab/></w:r>")
      entries:insert(styled("Table of Figures", pandoc.Para { link, tab, page }))
    else
      entries:extend(between("#listed(<" .. id .. ">)[", { pandoc.Plain(link.content) }, "]"))
    end
  end }
  return entries
end

-- A county's brief inside the report, in the smaller type of a separate brief.
local function compact(div)
  if docx then return styled("Brief Text", div.content) end
  if typst then return between("#compact[", div.content, "]") end
  return div
end

local handlers = { compact = compact, figure = figure, table = table_of, ["list-of"] = list_of }

local function div(element)
  for class, handler in pairs(handlers) do
    if element.classes:includes(class) then return handler(element) end
  end
end

-- The invisible tail of a number; in Word the finished cell is indented by its width.
local function tail(span)
  if not span.classes:includes "tail" then return nil end
  local text = pandoc.utils.stringify(span)
  if typst then return pandoc.RawInline("typst", "#hide[" .. text .. "]") end
  return docx and pandoc.RawInline("openxml", '<w:smartTag w:element="tail" w:uri="' .. text .. '"/>') or {}
end

-- A brief inside the report starts a new page together with the headings above it; its tables are smaller.
local function set_off_briefs(blocks)
  for position = #blocks, 1, -1 do
    local first = position
    if blocks[position].t == "Div" and blocks[position].classes:includes "compact" then
      blocks[position] = blocks[position]:walk { Div = function(inner) inner.classes:insert "in-brief" return inner end }
      while first > 1 and blocks[first - 1].t == "Header" do first = first - 1 end
    end
    if first < position and typst then blocks:insert(first, raw "#pagebreak(weak: true)") end
    if first < position and docx then
      blocks[first].content:insert(1, pandoc.RawInline("openxml", '<w:smartTag w:element="new-page"/>'))
    end
  end
  return blocks
end

-- A paragraph that leads to a list stays with it; Word's are marked when the file is finished.
local function lead_to_lists(blocks)
  if not typst then return nil end
  for position = #blocks - 1, 1, -1 do
    local following = blocks[position + 1].t
    if blocks[position].t == "Para" and (following == "BulletList" or following == "OrderedList") then
      local lead = between("#lead[", { blocks:remove(position) }, "]")
      for part = #lead, 1, -1 do blocks:insert(position, lead[part]) end
    end
  end
  return blocks
end

-- The body starts on page 1, a right-hand page.
local function start_body(doc)
  if html or brief then return doc end
  for position, block in ipairs(doc.blocks) do
    if block.t == "Header" and block.level == 1 and not block.classes:includes "front" then
      doc.blocks:insert(position, docx and section_end(false) or raw "#show: start-body")
      return doc
    end
  end
  return doc
end

-- The contents follow the chapters marked .before-contents; in html they are beside the text.
local function set_contents(doc)
  if html or brief then return doc end
  local place = 1
  for position, block in ipairs(doc.blocks) do
    place = position
    if block.t == "Header" and block.level == 1 and not block.classes:includes "before-contents" then break end
  end
  doc.blocks:insert(place, raw(docx and '<w:p><w:smartTag w:element="contents"/></w:p>' or "#contents"))
  return doc
end

-- Emphasis by typeface, never by synthetic bold or italic.
local function strong(element) if docx then return pandoc.Span(element.content, pandoc.Attr("", {}, { ["custom-style"] = "Strong" })) end end
local function emph(element) if docx then return pandoc.Span(element.content, pandoc.Attr("", {}, { ["custom-style"] = "Emphasis" })) end end

-- Pandoc leaves "...", "-?", "-1" and (before 3.9) "--" to Typst, which would print an ellipsis, a soft hyphen, a minus sign
-- and a dash.
local function plain(str)
  if typst and (str.text:find "%.%.%." or str.text:find "%-[-?%d]") then
    return pandoc.RawInline("typst", (str.text:gsub("%p", "\\%0")))
  end
end

-- A line break between Chinese characters is not a space. Quarto does not pass on Pandoc's extension for this.
local function wide(sign) return sign ~= nil and sign >= 0x2E80 end
local function join_lines(inlines)
  for position = #inlines - 1, 2, -1 do
    local before, after = inlines[position - 1], inlines[position + 1]
    if inlines[position].t == "SoftBreak" and before.t == "Str" and after.t == "Str"
      and wide(utf8.codepoint(before.text, utf8.offset(before.text, -1))) and wide(utf8.codepoint(after.text)) then
      before.text = before.text .. after.text
      inlines:remove(position + 1)
      inlines:remove(position)
    end
  end
  return inlines
end

local function check_links(doc)
  local known = {}
  local function note(element) if element.identifier ~= "" then known[element.identifier] = true end end
  doc:walk { Header = note, Div = note, Span = note }
  doc:walk { Link = function(link)
    local id = link.target:match "^#(.+)"
    if id and not known[id] then refuse("link to nowhere: [" .. pandoc.utils.stringify(link) .. "](#" .. id .. ")") end
  end }
end

local function title_block(meta)
  local year, month, day = pandoc.utils.stringify(meta.date or ""):match "^(%d+)%-0?(%d+)%-0?(%d+)$"
  if year then meta.date = year .. "年" .. month .. "月" .. day .. "日" end
  if meta.brief then
    brief = true
    meta.title = pandoc.utils.stringify(meta.title) .. pandoc.utils.stringify(meta.subtitle or "")
    meta.subtitle = nil
    meta.date = pandoc.utils.stringify(meta.client) .. "\u{3000}" .. pandoc.utils.stringify(meta.date)
  else
    meta.author = meta.client
  end
  return meta
end

return {
  { Inlines = join_lines },
  { Pandoc = check_links, Meta = title_block },
  { Pandoc = set_contents },
  { Image = image, Strong = strong, Emph = emph, Blocks = set_off_briefs },
  { Div = div, Blocks = lead_to_lists },
  { Pandoc = start_body, Str = plain, Span = tail },
}
