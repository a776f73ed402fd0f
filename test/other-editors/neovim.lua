-- What a person does in Neovim with the shop, step by step, in the set-up of docs/editors.md. Each step waits for its event and
-- writes down what is to be seen then; at the end the report goes to $REPORT. Run by neovim.test.ts.
local report = { steps = {} }

local function finish(problem)
  report.problem = problem
  local file = assert(io.open(vim.env.REPORT, 'w'))
  file:write(vim.fn.json_encode(report))
  file:close()
  vim.cmd('qall!')
end

-- Steps run in a coroutine: `await` gives a function that continues it, so that Neovim's own loop goes on in between.
local steps
local function await(start)
  start(function(...)
    local values = { ... }
    vim.schedule(function()
      local ok, problem = coroutine.resume(steps, unpack(values))
      if not ok then finish(debug.traceback(steps, problem)) end
    end)
  end)
  return coroutine.yield()
end

-- The handlers of the answers, as Neovim has them, but it is told when one has run.
local function handled(method, act)
  local usual = vim.lsp.handlers[method]
  await(function(resume)
    vim.lsp.handlers[method] = function(...)
      vim.lsp.handlers[method] = usual
      usual(...)
      resume()
    end
    act()
  end)
end

local function codes()
  local list = {}
  for _, each in ipairs(vim.diagnostic.get(0)) do
    table.insert(list, each.code or each.user_data.lsp.code)
  end
  table.sort(list)
  return list
end

local function diagnostics_where(condition)
  if condition(codes()) then return end
  await(function(resume)
    vim.api.nvim_create_autocmd('DiagnosticChanged', {
      callback = function()
        if not condition(codes()) then return end
        resume()
        return true
      end,
    })
  end)
end

local function has(code)
  return function(list) return vim.tbl_contains(list, code) end
end

local function lacks(code)
  return function(list) return not vim.tbl_contains(list, code) end
end

local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') end

local function go_to(pattern)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  assert(vim.fn.search(pattern) > 0, pattern .. ' is not in the buffer')
end

-- The text of the floating window that is open, and closes it.
local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
      vim.api.nvim_win_close(window, true)
      return table.concat(lines, '\n')
    end
  end
  return ''
end

-- As a person picks from the menu of code actions, by the beginning of the title.
local function pick(title)
  vim.ui.select = function(items, options, choose)
    local titles = vim.tbl_map(options.format_item, items)
    report.steps.actions = titles
    for index, each in ipairs(titles) do
      if vim.startswith(each, title) then return choose(items[index], index) end
    end
    error(title .. ' is not among ' .. vim.inspect(titles))
  end
end

-- Completes at the end of the line as Ctrl-X Ctrl-O does, and takes what is put in first.
local function complete()
  await(function(resume)
    vim.api.nvim_create_autocmd('CompleteDone', {
      callback = function()
        resume()
        return true
      end,
    })
    vim.api.nvim_create_autocmd('CompleteChanged', {
      once = true,
      callback = function()
        vim.fn.feedkeys(vim.api.nvim_replace_termcodes('<C-y>', true, false, true), 't')
      end,
    })
    vim.fn.feedkeys(vim.api.nvim_replace_termcodes('A<C-x><C-o>', true, false, true), 't')
  end)
  vim.cmd('stopinsert')
end

-- What is in the quickfix list, which is emptied and closed.
local function places()
  local list = vim.tbl_map(function(each) return { text = each.text, line = each.lnum, file = vim.fn.bufname(each.bufnr) } end, vim.fn.getqflist())
  vim.cmd('cclose')
  vim.fn.setqflist({})
  return list
end

local function quickfix(method, act)
  handled(method, act)
  return places()
end

steps = coroutine.create(function()
  -- The settings of the set-up have arrived: they turn a rule off that this file else shows.
  vim.cmd('edit policies/api.yaml')
  diagnostics_where(has('and-or-ambiguity'))
  report.steps.settings = codes()
  report.capabilities = vim.lsp.get_active_clients()[1].server_capabilities

  go_to('kind:')
  handled('textDocument/hover', vim.lsp.buf.hover)
  report.steps.hover = floating()

  report.steps.symbols = quickfix('textDocument/documentSymbol', vim.lsp.buf.document_symbol)
  vim.cmd('buffer policies/api.yaml')

  go_to('podSelector')
  handled('textDocument/definition', vim.lsp.buf.definition)
  report.steps.definition = { file = vim.fn.expand('%:.'), line = vim.fn.line('.') }

  vim.cmd('edit shop/api.yaml')
  go_to('app: \\zsapi')
  report.steps.references = quickfix('textDocument/references', vim.lsp.buf.references)

  -- A label is renamed in all files; they are as they were afterwards.
  vim.cmd('buffer shop/api.yaml')
  go_to('app: \\zsapi')
  handled('textDocument/rename', function() vim.lsp.buf.rename('backend') end)
  report.steps.renamed = {}
  for _, each in ipairs(vim.fn.getbufinfo({ bufmodified = 1 })) do
    local lines = table.concat(vim.api.nvim_buf_get_lines(each.bufnr, 0, -1, false), '\n')
    report.steps.renamed[vim.fn.fnamemodify(each.name, ':.')] = select(2, lines:gsub('app: backend', ''))
    vim.api.nvim_buf_delete(each.bufnr, { force = true })
  end

  -- The fix of a finding, from the menu.
  vim.cmd('edit policies/shop-default-deny-egress.yaml')
  diagnostics_where(has('dns-egress-missing'))
  report.steps.before = codes()
  vim.diagnostic.goto_next({ wrap = true, float = false })
  pick('Add DNS egress')
  vim.lsp.buf.code_action()
  diagnostics_where(lacks('dns-egress-missing'))
  report.steps.fixed = text()
  vim.cmd('undo')
  diagnostics_where(has('dns-egress-missing'))
  report.steps.undone = text()

  -- What is typed is seen, in a file that is new.
  vim.cmd('edit .netpol.yaml')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'cni: cil' })
  complete()
  report.steps.completed = text()

  -- A request of ours, by the block of the page.
  vim.cmd('edit! policies/api.yaml')
  local opened = vim.lsp.util.open_floating_preview
  await(function(resume)
    vim.lsp.util.open_floating_preview = function(...)
      opened(...)
      resume()
    end
    dofile(vim.env.EXPLAIN)
  end)
  report.steps.explained = floating()

  finish()
end)

local ok, problem = coroutine.resume(steps)
if not ok then finish(debug.traceback(steps, problem)) end
