;;; emacs.el --- What the scripts for Emacs share  -*- lexical-binding: t -*-

(defvar steps nil "What has been kept, as a property list.")

(defvar shop default-directory "The workspace folder, which Emacs starts in.")

(defun keep (name value) (setq steps (plist-put steps name value)))

(defun wait-until (condition what)
  "Lets Emacs take in what processes say and timers do until CONDITION holds; says WHAT has not come."
  (let ((end (time-add nil 15)))
    (while (not (funcall condition))
      (when (time-less-p end nil) (error "%s did not come" what))
      (accept-process-output nil 1))))

(defun answering (title act)
  "Runs ACT as a person who picks what begins with TITLE, and keeps what there was to pick from."
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt collection &rest _)
               (let ((titles (all-completions "" collection)))
                 (keep :actions (vconcat titles))
                 (or (seq-find (lambda (each) (string-prefix-p title each)) titles)
                     (error "%s is not among %S" title titles))))))
    (funcall act)))

(defun complete-here (word)
  "Takes WORD from what can be completed at point, as a list of completions that a person clicks on does."
  (pcase-let* ((`(,beg ,end ,table . ,more)
                (run-hook-wrapped 'completion-at-point-functions
                                  (lambda (each) (let ((found (funcall each))) (and (listp found) found)))))
               (words (all-completions (buffer-substring beg end) table))
               (found (or (seq-find (lambda (each) (string= word each)) words)
                          (error "%s is not among %S" word words))))
    (delete-region beg end)
    (goto-char beg)
    (insert found)
    (funcall (plist-get more :exit-function) found 'finished)))

(defun report-of (act)
  "Runs ACT and writes the report."
  (let ((problem (condition-case failure (progn (funcall act) nil)
                   (error (error-message-string failure)))))
    (with-temp-file (getenv "REPORT")
      (insert (json-serialize (append (list :steps steps) (and problem (list :problem problem))))))))
