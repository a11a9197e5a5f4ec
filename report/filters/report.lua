-- The one filter of the report, for Quarto and for the embedded engine alike.
--
-- It turns the report's own marks into what each format needs:
--   ::: figure / ::: table   a figure or a table with its ::: caption and ::: note, kept together and reachable by its id
--   ::: landscape            (on a table) a page of its own, turned
--   ::: compact              text in the smaller type of a brief
--   ::: list-of              a list of links that shows page numbers (figures, tables)
--   # Heading {.front}       front matter; the body, and its page numbers, start at the first # heading without it
-- and refuses a link to nowhere and an image from the network.

local function is(format) return FORMAT:match(format) ~= nil end
local brief = false     -- a county's two pages
local docx, typst, html = is "docx", is "typst", is "html"

-- Quarto replaces `error` by one that only logs; a failed assertion ends a run of either engine.
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

-- Printed width of a text in units of half a Chinese character; the mark of a number has none.
local function breadth(text)
  local sum = 0
  for _, code in utf8.codes(text) do sum = sum + (code >= 0xF0000 and 0 or code >= 0x2E80 and 2 or 1) end
  return sum
end

-- Widths by content where the source names none: every table then fills the measure. Where that is too little for all
-- cells on one line, a column is at least as wide as its longest cell or, if need be, shorter and its head broken; what is
-- left is shared by what the columns would still take.
local PADDING, LEAST, MOST = 2, 4, 16     -- in half characters of the table's size, as `measure` is
local WITH_UNIT = "^(.+)(（.-）)$"

-- Breadth of a text that may break before its unit.
local function longest_line(text)
  local name, unit = text:match(WITH_UNIT)
  return math.max(breadth(name or text), breadth(unit or ""))
end

-- Widest text of each column, padding included, as far as `most`.
local function widths_of(tbl, width, with_heads, most)
  local widths = {}
  for column = 1, #tbl.colspecs do widths[column] = LEAST + PADDING end
  local function widen(rows)
    for _, row in ipairs(rows) do
      for column, cell in ipairs(row.cells) do
        if cell.col_span == 1 and widths[column] then
          widths[column] = math.max(widths[column], math.min(width(pandoc.utils.stringify(cell.contents)), most) + PADDING)
        end
      end
    end
  end
  if with_heads then widen(tbl.head.rows) end
  for _, body in ipairs(tbl.bodies) do widen(body.body) end
  return widths
end

local function sum_of(widths)
  local sum = 0
  for _, width in ipairs(widths) do sum = sum + width end
  return sum
end

local function set_widths(tbl, measure)
  local given, same = tbl.colspecs[1][2], true
  for _, spec in ipairs(tbl.colspecs) do same = same and spec[2] == given end
  if given and not same then return end
  local function fits(widths) return sum_of(widths) <= measure * 1.02 end     -- the padding can spare a little
  local least, wanted = widths_of(tbl, breadth, true, measure), nil
  if not fits(least) then
    wanted = widths_of(tbl, longest_line, true, measure)
    least = widths_of(tbl, longest_line, true, MOST)
    if not fits(least) then least = widths_of(tbl, longest_line, false, MOST) end
  end
  local more = {}
  for column, width in ipairs(least) do more[column] = 1 + math.max((wanted or least)[column] - width, 0) end
  local left, specs = math.max(measure - sum_of(least), 0), tbl.colspecs
  for column, spec in ipairs(specs) do
    spec[2] = (least[column] + left * more[column] / sum_of(more)) / (sum_of(least) + left)
  end
  tbl.colspecs = specs
end

-- A name that will not fit on one line breaks before its unit: "停电时间" over "（小时）".
local function break_before_unit(tbl, measure)
  local function break_in(rows)
    for _, row in ipairs(rows) do
      for column, cell in ipairs(row.cells) do
        local text = pandoc.utils.stringify(cell.contents)
        local name, unit = text:match(WITH_UNIT)
        local room = tbl.colspecs[column][2] * measure - PADDING
        if name and breadth(text) > room and breadth(name) <= room then
          cell.contents = { pandoc.Plain { pandoc.Str(name), pandoc.LineBreak(), pandoc.Str(unit) } }
        end
      end
    end
  end
  break_in(tbl.head.rows)
  for _, body in ipairs(tbl.bodies) do break_in(body.body) end
end

local function image(img)
  local alt = pandoc.utils.stringify(img.caption)
  if img.src:match "^%a[%w+.-]+:" then refuse("image from the network: " .. img.src) end
  if alt == "" then refuse("image without alternative text: " .. img.src) end
  img.identifier = ""     -- it has done its work: Quarto has left the image alone
  img.attributes.width = img.attributes.width or "100%"
  if docx then
    img.src = img.src:gsub("%.svg$", ".png")
  elseif typst then
    local width = img.attributes.width:match "%%$" and img.attributes.width or "100%"
    return pandoc.RawInline("typst", "#image(" .. quoted(img.src) .. ", alt: " .. quoted(alt) .. ", width: " .. width .. ")")
  end
  return img
end

-- "图 3-1  题名": the space after the number is as wide as a character.
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

-- The end of a section in Word, portrait or landscape; page margins turn with the page.
local function section_end(landscape)
  local size = landscape and '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>' or '<w:pgSz w:w="11906" w:h="16838"/>'
  local margins = landscape and 'w:top="1588" w:right="2098" w:bottom="1474" w:left="1984"'
    or 'w:top="2098" w:right="1474" w:bottom="1984" w:left="1588"'
  return raw("<w:p><w:pPr><w:sectPr>" .. size .. "<w:pgMar " .. margins
    .. ' w:header="1247" w:footer="1020" w:gutter="0"/></w:sectPr></w:pPr></w:p>')
end

local WHOLE_TABLE = 10      -- rows below the header; a longer table may be broken

local function table_of(div)
  local caption, note, object = parts(div)
  local landscape = div.classes:includes "landscape"
  local small = div.classes:includes "small"
  local title = pandoc.utils.stringify(caption)
  local measure = (landscape and 638 or 442) / (small and 4.5 or 5.25)     -- both in points
  local rows = 0
  object = object:walk { Table = function(tbl)
    for _, body in ipairs(tbl.bodies) do rows = rows + #body.body end
    set_widths(tbl, measure)
    break_before_unit(tbl, measure)
    if docx and small then tbl.attr.attributes["custom-style"] = "TableSmall" end     -- Pandoc takes it as the id
    if html then tbl.caption = { long = pandoc.Blocks { pandoc.Plain(caption) } } end
    return tbl
  end }
  if docx then
    div.classes = {}     -- Quarto, too, would turn the page of a landscape div
    div.content = pandoc.Blocks { styled("Table Caption", pandoc.Para(caption)) }
    div.content:extend(object)
    if note then div.content:insert(styled("Note", note)) end
    if landscape then return { section_end(false), div, section_end(true) } end
    return div
  elseif typst then
    local all = between("#caption[", { pandoc.Plain(caption) }, "]")
    all:extend(object)
    if note then all:extend(between("#note[", note, "]")) end
    local size, whole = small and "9pt" or "10.5pt", tostring(rows <= WHOLE_TABLE)
    all = between("#table-box(size: " .. size .. ", whole: " .. whole .. ")[", all, "] <" .. div.identifier .. ">")
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
      -- the page number's place; the finished field takes it
      local page = pandoc.RawInline("openxml", '<w:smartTag w:element="' .. id .. '"/>')
      local tab = pandoc.RawInline("openxml", "<w:r><w:tab/></w:r>")
      entries:insert(styled("Table of Figures", pandoc.Para { link, tab, page }))
    else
      entries:extend(between("#listed(<" .. id .. ">)[", { pandoc.Plain(link.content) }, "]"))
    end
  end }
  return entries
end

-- A county's brief inside the report: the smaller type of a brief of its own.
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

-- The body starts on a right-hand page 1.
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

-- Emphasis by face, never by a faked bold or slant.
local function strong(element) if docx then return pandoc.Span(element.content, pandoc.Attr("", {}, { ["custom-style"] = "Strong" })) end end
local function emph(element) if docx then return pandoc.Span(element.content, pandoc.Attr("", {}, { ["custom-style"] = "Emphasis" })) end end

-- Pandoc leaves "...", "-?", "-1" and (before 3.9) "--" to Typst, which would print an ellipsis, a soft hyphen, a minus sign
-- and a dash.
local function plain(str)
  if typst and (str.text:find "%.%.%." or str.text:find "%-[-?%d]") then
    return pandoc.RawInline("typst", (str.text:gsub("%p", "\\%0")))
  end
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
  { Pandoc = check_links, Meta = title_block },
  { Image = image, Strong = strong, Emph = emph },
  { Div = div },
  { Pandoc = start_body, Str = plain },
}
