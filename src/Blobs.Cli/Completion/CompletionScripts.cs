namespace Blobs.Cli.Completion;

/// <summary>The scripts of <c>blobs completion</c>. They know nothing of the verbs: they ask the program.</summary>
internal static class CompletionScripts
{
    // A colon ends a word for bash, but is part of an image's name: what stands before it is not completed again.
    private const string Bash = """
        # bash completion for blobs
        _blobs() {
            local line="${COMP_LINE:0:COMP_POINT}" words candidate
            read -ra words <<<"$line"
            [[ $line == *[[:space:]] ]] && words+=("")
            local current="${words[-1]}"
            local known=""
            if [[ $COMP_WORDBREAKS == *:* ]]; then known="${current%"${current##*:}"}"; fi
            COMPREPLY=()
            while IFS= read -r candidate; do
                if [[ $candidate == ":files" ]]; then
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "${current#"$known"}")
                    return
                fi
                candidate="${candidate%%$'\t'*}"
                COMPREPLY+=("${candidate#"$known"}")
                if [[ $candidate == *[:/] ]]; then compopt -o nospace 2>/dev/null; fi
            done < <(blobs __complete "${words[@]:1}" 2>/dev/null)
        }
        complete -F _blobs blobs

        """;

    private const string Zsh = """
        #compdef blobs
        # zsh completion for blobs
        _blobs() {
            local candidate word about
            local -a candidates beginnings
            for candidate in "${(@f)$(blobs __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                if [[ $candidate == ":files" ]]; then
                    _files
                    return
                fi
                word="${candidate%%$'\t'*}"
                about="${${candidate#$word}#$'\t'}"
                if [[ $word == *[:/] ]]; then
                    beginnings+=("${word//:/\\:}")
                elif [[ -n $word ]]; then
                    candidates+=("${word//:/\\:}${about:+:$about}")
                fi
            done
            _describe 'blobs' candidates
            _describe 'blobs' beginnings -S ''
        }
        if [[ ${funcstack[1]} == _blobs ]]; then
            _blobs "$@"
        elif (( $+functions[compdef] )); then
            compdef _blobs blobs
        fi

        """;

    private const string Fish = """
        # fish completion for blobs
        function __blobs_complete
            set -l words (commandline -opc) (commandline -ct)
            set -l candidates (blobs __complete $words[2..-1] 2>/dev/null)
            if test "$candidates[1]" = ":files"
                __fish_complete_path (commandline -ct)
            else
                printf '%s\n' $candidates
            end
        end
        complete -c blobs -f -a '(__blobs_complete)'

        """;

    /// <summary>The shells that have a script.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    /// <summary>The script of one of <see cref="Shells"/>.</summary>
    public static string Of(string shell) => shell switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
}
