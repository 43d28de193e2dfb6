using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Words that shells complete, as the shells themselves do it.</summary>
public sealed class CompletionSpecs
{
    // Fills COMPREPLY for the line in $1, as bash does when the tab key is pressed.
    private const string InBash = """
        source <(blobs completion bash)
        COMP_LINE=$1 COMP_POINT=${#1}
        _blobs
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    private const string InFish = "blobs completion fish | source; complete -C $argv[1] | string split --fields 1 \\t";

    private const string InZsh = """
        compdef() { :; }
        functions[compdef]=
        source <(blobs completion zsh)
        _describe() { print -rl -- "${(@P)2}"; }
        _files() { print -l files; }
        words=("${(@s: :)1}")
        CURRENT=${#words}
        _blobs
        """;

    public static TheoryData<string> Shells =>
        [.. new[] { "bash", "zsh", "fish" }.Where(shell => File.Exists($"/usr/bin/{shell}") || File.Exists($"/bin/{shell}"))];

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Verbs_options_values_and_images_are_completed(string shell)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        await BlobsCommand.With("load", image.Archive, "--root", root, "--quiet").SucceedAsync();
        await BlobsCommand.With("tag", TestImage.Name, "host.example:5000/team/app:2", "--root", root).SucceedAsync();
        await BlobsCommand.With("create", "--root", root, "--name", "box", TestImage.Name).SucceedAsync();

        Assert.Equal(["completion"], await CompleteAsync(shell, root, "blobs compl"));
        Assert.Equal(["diff", "export", "prune"], (await CompleteAsync(shell, root, "blobs layer ")).Order());
        Assert.Equal(["--keep-blob"], await CompleteAsync(shell, root, "blobs pull --kee"));
        Assert.Equal(["commit", "full", "none"], (await CompleteAsync(shell, root, "blobs pull --durability ")).Order());
        Assert.Equal(["overlay", "overlay2"], (await CompleteAsync(shell, root, "blobs load --driver over")).Order());
        Assert.Equal(["test:1"], await CompleteAsync(shell, root, "blobs rmi te"));
        Assert.Equal(["test:1"], await CompleteAsync(shell, temporary["none"], $"blobs --root {root} rmi te"));
        Assert.Equal(["box"], await CompleteAsync(shell, root, "blobs rm --force b"));
        Assert.Equal(["box"], await CompleteAsync(shell, root, "blobs inspect bo"));
        Assert.Equal(["prune"], await CompleteAsync(shell, root, "blobs help pru"));

        // Bash takes the colon for the end of a word, and gets what follows it.
        string rest = shell == "bash" ? "5000/team/app:2" : "host.example:5000/team/app:2";
        Assert.Equal([rest], await CompleteAsync(shell, root, "blobs push host.example:50"));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task The_beginnings_of_places_are_completed(string shell)
    {
        await using var temporary = new TemporaryRoot();
        Assert.Equal(["containerd:", "containers-storage:"], (await CompleteAsync(shell, temporary.Path, "blobs images --root cont")).Order());
        Assert.Equal(["erofs:"], await CompleteAsync(shell, temporary.Path, "blobs copy x er"));
        Assert.Equal(["docker-data:"], await CompleteAsync(shell, temporary.Path, "blobs rmi docker-"));
    }

    [Fact]
    public async Task Bash_completes_files_where_no_name_fits()
    {
        await using var temporary = new TemporaryRoot();
        await File.WriteAllTextAsync(temporary["archive.tar"], "");
        Assert.Equal([temporary["archive.tar"]], await CompleteAsync("bash", temporary["none"], $"blobs load {temporary["arch"]}"));
        Assert.Equal([temporary["archive.tar"]], await CompleteAsync("bash", temporary["none"], $"blobs save x --output {temporary["arch"]}"));
    }

    [Fact]
    public async Task A_shell_without_a_script_is_wrong_usage() =>
        Assert.Contains("'tcsh'", (await BlobsCommand.RunAsync("completion", "tcsh")).Expect(2).Error, StringComparison.Ordinal);

    private static async Task<string[]> CompleteAsync(string shell, string root, string line)
    {
        string[] call = shell switch
        {
            "bash" => ["-c", InBash, "bash", line],
            "zsh" => ["-f", "-c", InZsh, "zsh", line],
            _ => ["--no-config", "-c", InFish, line],
        };
        Command command = new Command(shell, call) with
        {
            Environment = new Dictionary<string, string>
            {
                ["PATH"] = $"{Path.GetDirectoryName(BlobsCommand.Path)}:{System.Environment.GetEnvironmentVariable("PATH")}",
                ["BLOBS_ROOT"] = root,
            },
        };
        string[] lines = (await command.RunAsync()).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // Zsh gets descriptions behind a colon of their own.
        return shell != "zsh" ? lines : [.. lines.Select(word => word.Replace("\\:", "\0", StringComparison.Ordinal).Split(':')[0].Replace('\0', ':'))];
    }
}
