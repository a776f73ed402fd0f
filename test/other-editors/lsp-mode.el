;;; lsp-mode.el --- What a person does in Emacs with lsp-mode  -*- lexical-binding: t -*-

;; As eglot.el, in the other set-up of docs/editors.md.

(load (expand-file-name "emacs.el" (file-name-directory load-file-name)))

;; What a person answers the first time, for the project and for the other server that lsp-mode would install.
(setq lsp-auto-guess-root t
      lsp-enable-suggest-server-download nil
      lsp-session-file (expand-file-name "lsp-session" (getenv "HOME")))

(defun codes ()
  "The codes of the buffer's diagnostics, as the server sent them."
  (sort (mapcar #'lsp:diagnostic-code? (lsp--get-buffer-diagnostics)) #'string<))

(defun open-managed (path)
  (find-file (expand-file-name path shop))
  (run-hooks 'post-command-hook)
  (lsp)
  (wait-until (lambda () (and lsp--buffer-workspaces
                              (seq-every-p (lambda (each) (eq 'initialized (lsp--workspace-status each)))
                                           lsp--buffer-workspaces)))
              "the server"))

(report-of
 (lambda ()
   (open-managed "policies/api.yaml")
   (wait-until (lambda () (member "and-or-ambiguity" (codes))) "and-or-ambiguity")
   (keep :settings (vconcat (codes)))

   (goto-char (point-min))
   (re-search-forward "^kind: Net")
   (keep :hover (lsp-get (lsp-get (lsp-request "textDocument/hover" (lsp--text-document-position-params)) :contents) :value))

   ;; The fix of a finding, from the menu.
   (open-managed "policies/shop-default-deny-egress.yaml")
   (wait-until (lambda () (member "dns-egress-missing" (codes))) "dns-egress-missing")
   (goto-char (point-min))
   (re-search-forward "^    - Eg")
   (answering "Add DNS egress"
     (lambda () (call-interactively #'lsp-execute-code-action)))
   (keep :fixed (buffer-string))
   (lsp-on-change (point-min) (point-max) 0)
   (wait-until (lambda () (not (member "dns-egress-missing" (codes)))) "no dns-egress-missing")

   ;; What is typed is completed.
   (open-managed ".netpol.yaml")
   (insert "cni: cil")
   (complete-here "cilium")
   (keep :completed (buffer-string))

   (lsp-workspace-shutdown (car lsp--buffer-workspaces))))
