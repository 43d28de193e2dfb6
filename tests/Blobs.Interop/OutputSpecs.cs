using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Every place where an output is named follows one rule: files are replaced, everything else is written into, <c>-</c> is
/// standard output.</summary>
public sealed class OutputSpecs
{
    private static readonly string[] BinaryVerbs =
        ["hash", "disasm", "asm", "export", "diff", "save", "save-oci", "image export", "copy docker-archive:", "copy oci-archive:"];

    /// <summary>All verbs that write data to a name.</summary>
    public static TheoryData<string> Verbs => [.. BinaryVerbs, "cat"];

    /// <summary>Those whose data is never text.</summary>
    public static TheoryData<string> Binary => [.. BinaryVerbs];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_device_and_a_link_to_it_stay(string verb)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await PrepareAsync(temporary);
        await new Command("mknod", temporary["null"], "c", "1", "3").SucceedAsync();
        File.CreateSymbolicLink(temporary["link"], "null");
        foreach (string name in new[] { "null", "link" })
        {
            await BlobsCommand.With(Words(temporary, verb, temporary[name])).SucceedAsync();
        }

        Assert.Equal("character special file", await TypeOfAsync(temporary["null"]));
        Assert.Equal("symbolic link", await TypeOfAsync(temporary["link"]));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_pipe_gets_what_standard_output_gets_and_what_a_file_gets(string verb)
    {
        await using var temporary = new TemporaryRoot();
        await PrepareAsync(temporary);
        CommandResult direct = await BlobsCommand.With(Words(temporary, verb, "-")).SucceedAsync();
        CommandResult named = await BlobsCommand.With(Words(temporary, verb, "/dev/stdout")).SucceedAsync();
        Assert.Equal(Sha256Text.Of(direct.Output), Sha256Text.Of(named.Output));

        await new Command("mkfifo", temporary["pipe"]).SucceedAsync();
        Task<CommandResult> reading = new Command("cat", temporary["pipe"]).SucceedAsync();
        await BlobsCommand.With(Words(temporary, verb, temporary["pipe"])).SucceedAsync();
        Assert.Equal(Sha256Text.Of(direct.Output), Sha256Text.Of((await reading).Output));
        Assert.Equal("fifo", await TypeOfAsync(temporary["pipe"]));

        File.CreateSymbolicLink(temporary["link"], "file");
        File.WriteAllText(temporary["file"], "old");
        await BlobsCommand.With(Words(temporary, verb, temporary["link"])).SucceedAsync();
        Assert.Equal(Sha256Text.Of(direct.Output), Sha256Text.OfFile(temporary["file"]));
        Assert.Equal("symbolic link", await TypeOfAsync(temporary["link"]));
    }

    [Theory]
    [InlineData("hash", "DiffID")]
    [InlineData("hash --json", "diffId")]
    [InlineData("export --json", "diffId")]
    [InlineData("diff --json", "diffId")]
    [InlineData("copy docker-archive:", "sha256:")]
    [InlineData("copy oci-archive: --json", "\"id\"")]
    public async Task The_report_goes_to_stderr_when_standard_output_carries_data(string verb, string report)
    {
        await using var temporary = new TemporaryRoot();
        await PrepareAsync(temporary);
        string[] words = verb.Split(" --json");
        CommandResult result = await BlobsCommand
            .With([.. Words(temporary, words[0], "-"), .. words.Length > 1 ? (string[])["--json"] : []]).SucceedAsync();
        Assert.Contains(report, result.Error, StringComparison.Ordinal);
        await BlobsCommand.With(Words(temporary, words[0], temporary["file"])).SucceedAsync();
        Assert.Equal(Sha256Text.OfFile(temporary["file"]), Sha256Text.Of(result.Output));
    }

    [Theory]
    [InlineData("-")]
    [InlineData("/dev/stdout")]
    public async Task Two_streams_of_data_on_standard_output_are_wrong_usage(string name)
    {
        await using var temporary = new TemporaryRoot();
        await PrepareAsync(temporary);
        CommandResult result = await BlobsCommand.RunAsync("tar-split", "disasm", "--output", name, temporary["layer.tar"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
    }

    [Theory]
    [MemberData(nameof(Binary))]
    public async Task Data_is_not_written_to_a_terminal(string verb)
    {
        await using var temporary = new TemporaryRoot();
        await PrepareAsync(temporary);
        string words = string.Join(' ', Words(temporary, verb, "-").Select(word => $"'{word}'"));
        CommandResult result = await new Command(
            Oracle.Need("script"), "--quiet", "--return", "--command", $"'{BlobsCommand.Path}' {words} 2>{temporary["said"]}", "/dev/null").RunAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            "blobs: standard output is a terminal, and the data is binary: name a file, or redirect it\n",
            File.ReadAllText(temporary["said"]));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_directory_that_is_not_there_is_said_by_the_name_that_was_given(string verb)
    {
        await using var temporary = new TemporaryRoot();
        await PrepareAsync(temporary);
        string name = temporary["nosuch/out"];
        CommandResult result = (await BlobsCommand.RunAsync(Words(temporary, verb, name))).Expect(1);
        Assert.Equal($"blobs: {name}: its directory: no such file or directory\n", result.Error);
    }

    [Fact]
    public async Task What_several_runs_write_to_one_redirection_stands_in_its_order()
    {
        await using var temporary = new TemporaryRoot();
        await PrepareAsync(temporary);
        string words = string.Join(' ', Words(temporary, "export", "-"));
        await new Command("sh", "-c", $"(echo first; '{BlobsCommand.Path}' {words} -q; echo last) > '{temporary["all"]}'").SucceedAsync();
        byte[] tar = (await BlobsCommand.With(Words(temporary, "export", "-")).SucceedAsync()).Output;
        Assert.Equal([.. "first\n"u8, .. tar, .. "last\n"u8], File.ReadAllBytes(temporary["all"]));
    }

    private static async Task PrepareAsync(TemporaryRoot temporary)
    {
        TestImage image = TestImage.Write(temporary);
        await BlobsCommand.With("load", image.Archive, "--root", temporary["root"], "--quiet").SucceedAsync();
        string layer = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        await BlobsCommand.With("tar-split", "disasm", "--no-stdout", "--output", temporary["recording"], layer).SucceedAsync();
        temporary.Folder("tree");
        await new Command("tar", "-xf", layer, "-C", temporary["tree"]).SucceedAsync();
        File.WriteAllText(temporary["diffid"], image.DiffIds[0]);
    }

    private static async Task<string> TypeOfAsync(string path) =>
        (await new Command("stat", "--format", "%F", path).SucceedAsync()).Text.TrimEnd();

    private static string[] Words(TemporaryRoot temporary, string verb, string name) => verb switch
    {
        "hash" => ["hash", temporary["layer.tar"], "--tar-split", name],
        "disasm" => ["tar-split", "disasm", "--no-stdout", "--output", name, temporary["layer.tar"]],
        "asm" => ["tar-split", "asm", "--input", temporary["recording"], "--path", temporary["tree"], "--output", name],
        "export" => ["layer", "export", File.ReadAllText(temporary["diffid"]), "--root", temporary["root"], "--output", name],
        "diff" => ["layer", "diff", "--tree", temporary["tree"], "--root", temporary["root"], "--output", name],
        "image export" => ["export", "test:1", "--root", temporary["root"], "--output", name],
        "cat" => ["cat", "test:1:/large", "--root", temporary["root"], "--output", name],
        "save" => ["save", "test:1", "--root", temporary["root"], "--output", name],
        "save-oci" => ["save", "test:1", "--format", "oci", "--root", temporary["root"], "--output", name],
        _ => ["copy", $"docker-data:{temporary["root"]}//test:1", $"{verb["copy ".Length..]}{name}", "--quiet"],
    };
}
