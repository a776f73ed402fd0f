;;; eglot.el --- What a person does in Emacs with eglot  -*- lexical-binding: t -*-

;; In the set-up of docs/editors.md, which is loaded before. Each step waits for its event and keeps what is to be seen then; at the
;; end the report goes to $REPORT. Run by emacs.test.ts.

(load (expand-file-name "emacs.el" (file-name-directory load-file-name)))

(defun codes ()
  "The codes of the buffer's diagnostics, as the server sent them."
  (sort (mapcar (lambda (each) (plist-get (alist-get 'eglot-lsp-diag (flymake-diagnostic-data each)) :code))
                (flymake-diagnostics))
        #'string<))

(defun open-managed (path)
  "Visits PATH as a command does: eglot starts or joins after it."
  (find-file (expand-file-name path shop))
  (run-hooks 'post-command-hook)
  (wait-until (lambda () (eglot-managed-p)) "eglot manages the buffer")
  ;; A command would have it start by itself: it waits for the end of one.
  (flymake-start))

;; As by a key: else eglot would open a menu for the mouse.
(setq last-nonmenu-event ?\r)

(defun hover-here ()
  (let (said)
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq said (list (substring-no-properties (or text ""))))))
    (wait-until (lambda () said) "the hover")
    (car said)))

(defun definitions-here ()
  (mapcar (lambda (item)
            (let ((location (xref-item-location item)))
              (list :file (file-relative-name (xref-location-group location) shop)
                    :line (xref-location-line location))))
          (xref-backend-definitions 'eglot "here")))

(defun names-in (index)
  "The names of an imenu INDEX, with those below."
  (mapcan (lambda (each)
            (cons (car each) (and (listp (cdr each)) (consp (cadr each)) (names-in (cdr each)))))
          index))

(report-of
 (lambda ()
   (open-managed "policies/api.yaml")
   (wait-until (lambda () (member "and-or-ambiguity" (codes))) "and-or-ambiguity")
   (keep :settings (vconcat (codes)))

   (goto-char (point-min))
   (re-search-forward "^kind: Net")
   (keep :hover (hover-here))

   (keep :symbols (vconcat (names-in (eglot-imenu))))

   (goto-char (point-min))
   (re-search-forward "^  podSel")
   (keep :definitions (vconcat (definitions-here)))

   ;; The fix of a finding, from the menu.
   (open-managed "policies/shop-default-deny-egress.yaml")
   (wait-until (lambda () (member "dns-egress-missing" (codes))) "dns-egress-missing")
   (goto-char (flymake-diagnostic-beg (car (flymake-diagnostics))))
   (answering "Add DNS egress"
     (lambda () (eglot-code-actions (point) nil nil t)))
   (keep :fixed (buffer-string))
   (eglot--signal-textDocument/didChange)
   (wait-until (lambda () (not (member "dns-egress-missing" (codes)))) "no dns-egress-missing")

   ;; What is typed is completed.
   (open-managed ".netpol.yaml")
   (insert "cni: cil")
   (complete-here "cilium")
   (keep :completed (buffer-string))

   (eglot-shutdown (eglot-current-server))))
