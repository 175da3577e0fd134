/** The shells for which there is a script. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** What tells a shell to offer paths by itself, as the last line of `safehouse complete`. */
export const pathMarks = { files: ":files", folders: ":folders", nothing: ":nothing" } as const;

/** A script that has the program itself say what can be typed, so that it never grows old. */
export const shellScripts: Readonly<Record<Shell, string>> = {
  bash: `# Completion of safehouse for bash: source <(safehouse completion bash)
_safehouse() {
    local word about paths=""
    COMPREPLY=()
    while IFS=$'\\t' read -r word about; do
        case "$word" in
            :*) paths="$word" ;;
            *) COMPREPLY+=("$(printf '%q' "$word")") ;;
        esac
    done < <(safehouse complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case "$paths" in
        :files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}") ;;
        :folders) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "\${COMP_WORDS[COMP_CWORD]}") ;;
    esac
}
complete -F _safehouse safehouse
`,
  zsh: `#compdef safehouse
# Completion of safehouse for zsh: source <(safehouse completion zsh)
_safehouse() {
    local line word about paths
    local -a found
    while IFS= read -r line; do
        word="\${line%%$'\\t'*}"
        about="\${line#*$'\\t'}"
        case "$word" in
            :*) paths="$word" ;;
            *) found+=("\${word//:/\\\\:}:$about") ;;
        esac
    done < <(safehouse complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
    case "$paths" in
        :files) _files ;;
        :folders) _files -/ ;;
        *) _describe 'safehouse' found ;;
    esac
}
compdef _safehouse safehouse
`,
  fish: `# Completion of safehouse for fish: safehouse completion fish | source
function __safehouse_complete
    set -l begun (commandline --current-token)
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l lines (safehouse complete -- $words[2..] "$begun" 2>/dev/null)
    switch "$lines[-1]"
        case :files
            __fish_complete_path "$begun"
        case :folders
            __fish_complete_directories "$begun" ''
        case '*'
            printf '%s\\n' $lines[1..-2]
    end
end
complete --command safehouse --no-files --arguments '(__safehouse_complete)'
`,
};
