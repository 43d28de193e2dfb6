using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>What hands know from docker works here, and what does not says so in one line.</summary>
[Collection(EngineCollection.Name)]
public sealed class DockerHabitsSpecs
{
    [Fact]
    public async Task Filters_and_lines_of_JSON_are_those_of_the_engine()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        string[][] calls =
        [
            ["dangling=true"], ["dangling=false"], ["reference=te*"], ["reference=t?st:[12]"], ["reference=[^t]*"], ["reference=*/*"],
            ["reference=host.example/*/*"], ["label=a"], ["label=a=1"], ["label=a=1", "label=b"], ["label=c"],
            ["before=labels:1"], ["since=test:1"], ["before=labels:1", "reference=test"], ["dangling=true", "label=a"],
        ];
        var expected = new List<(string[] Call, string Lines)>();
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root))
        {
            string context = temporary.Folder("context");
            await engine.RunAsync("load", "--input", image.Archive);
            await engine.RunAsync("tag", "test:1", "host.example/team/app:2");
            foreach (string label in (string[])["a=0", "a=1 b=2"])
            {
                await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"FROM {TestImage.Name}\nLABEL {label}\n");
                await engine.RunAsync("build", "--network", "none", "--tag", "labels:1", context);
            }

            foreach (string[] call in calls)
            {
                expected.Add((call, await engine.RunAsync(["images", "--format", "{{json .}}", .. Filters(call)])));
            }
        }

        foreach ((string[] call, string lines) in expected)
        {
            string ours = (await BlobsCommand.With(["images", "--format", "json", "--root", root, .. Filters(call)]).SucceedAsync()).Text;
            Assert.Equal($"{string.Join(' ', call)}\n{Sorted(lines)}", $"{string.Join(' ', call)}\n{Sorted(ours)}");
        }

        Assert.Contains(expected, item => item.Lines.Length == 0);
    }

    [Theory]
    [InlineData("images", "--filter", "dangling=perhaps")]
    [InlineData("images", "--filter", "reference=[")]
    [InlineData("images", "--filter", "size=1")]
    [InlineData("images", "--format", "{{.ID}}")]
    [InlineData("inspect", "x", "--format", "{{.ID}}")]
    [InlineData("inspect", "x", "-f", "{{json .Config}}")]
    [InlineData("load", "x", "--input", "y")]
    [InlineData("df", "docker://host.example/name")]
    [InlineData("df", "oci:layout")]
    [InlineData("prune", "docker-archive:file")]
    [InlineData("prune", "docker://host.example/name")]
    [InlineData("images", "oci-archive:file:1")]
    [InlineData("ps", "docker://host.example/name")]
    public async Task What_is_not_built_is_wrong_usage_of_one_line(params string[] words)
    {
        CommandResult result = (await BlobsCommand.RunAsync(words)).Expect(2);
        Assert.Equal(3, result.Error.Split('\n').Length);
        Assert.EndsWith($"Try 'blobs {words[0]} --help' for an example.\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(words.Any(word => word.StartsWith("{{", StringComparison.Ordinal)), result.Error.Contains("--json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_archive_is_loaded_by_option_and_from_a_redirection()
    {
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        Assert.Equal(
            $"Loaded image: {TestImage.Name}\n",
            (await BlobsCommand.With("load", "-i", image.Archive, "--root", temporary["one"]).SucceedAsync()).Text);
        Command load = BlobsCommand.With("load", "--root", temporary["two"]) with { InputFile = image.Archive };
        Assert.Equal($"Loaded image: {TestImage.Name}\n", (await load.SucceedAsync()).Text);
        CommandResult terminal = await new Command(
            Oracle.Need("script"), "--quiet", "--return", "--command", $"'{BlobsCommand.Path}' load --root '{temporary["three"]}'", "/dev/null").RunAsync();
        Assert.Equal(2, terminal.ExitCode);
        Assert.Contains("redirect an archive to standard input", terminal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_images_are_pulled_and_quiet_prints_a_line_for_each()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string[] names = [$"{registry.Host}/one:1", $"{registry.Host}/two:2"];
        foreach (string name in names)
        {
            await BlobsCommand.With("copy", $"docker-archive:{image.Archive}", $"docker://{name}", "--quiet").SucceedAsync();
        }

        CommandResult quiet = await BlobsCommand.With(["pull", "-q", "--root", temporary["root"], .. names]).SucceedAsync();
        Assert.Equal($"{names[0]}\n{names[1]}\n", quiet.Text);
        Assert.Empty(quiet.Error);
        JsonElement both = (await BlobsCommand.With(["pull", "--json", "--root", temporary["root"], .. names]).SucceedAsync()).Json;
        Assert.Equal(names, both.EnumerateArray().Select(item => item.GetProperty("reference").GetString()));
    }

    [Fact]
    public async Task A_container_is_known_by_its_name_wherever_it_is_known_by_its_id()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        await BlobsCommand.With("load", image.Archive, "--root", root, "--quiet").SucceedAsync();
        string id = (await BlobsCommand.With("create", "--root", root, "--name", "box", TestImage.Name).SucceedAsync()).Text.Trim();
        foreach (string[] words in (string[][])[["inspect", "NAME"], ["layer", "diff", "NAME"], ["mount", "NAME"], ["umount", "NAME"], ["commit", "NAME", "new:1"], ["rm", "NAME"]])
        {
            string[] call = [.. words.Select(word => word.Replace("NAME", "box", StringComparison.Ordinal)), "--root", root];
            CommandResult byName = await BlobsCommand.With(call).SucceedAsync();
            if (words[0] is "inspect" or "layer")
            {
                string[] other = [.. words.Select(word => word.Replace("NAME", id[..12], StringComparison.Ordinal)), "--root", root];
                Assert.Equal((await BlobsCommand.With(other).SucceedAsync()).Output, byName.Output);
            }
        }
    }

    [Theory]
    [InlineData("nosuch.pem", null, "--tls-cert {0}nosuch.pem: no such file or directory")]
    [InlineData("folder", null, "--tls-cert {0}folder: is a directory, expected a file")]
    [InlineData("text", null, "--tls-cert {0}text: contains no certificate in PEM form")]
    [InlineData("cert.pem", "nosuch.pem", "--tls-key {0}nosuch.pem: no such file or directory")]
    [InlineData("cert.pem", "text", "--tls-key {0}text: does not contain the key of the certificate in {0}cert.pem, in PEM form")]
    [InlineData("cert.pem", "other.pem", "--tls-key {0}other.pem: does not contain the key of the certificate in {0}cert.pem, in PEM form")]
    public async Task A_certificate_that_cannot_be_used_is_told_in_a_line(string certificate, string? key, string said)
    {
        await using var temporary = new TemporaryRoot();
        await File.WriteAllTextAsync(temporary["text"], "text");
        temporary.Folder("folder");
        foreach (string name in (string[])["cert", "other"])
        {
            await new Command(
                Oracle.Need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                "-keyout", temporary[$"{name}.key"], "-out", temporary[$"{name}.pem"]).SucceedAsync();
        }

        File.Move(temporary["other.key"], temporary["other.pem"], overwrite: true);
        string[] keyWords = key is null ? [] : ["--tls-key", temporary[key]];
        CommandResult result = await BlobsCommand.RunAsync(
            ["serve", "--store", temporary["store"], "--listen", "127.0.0.1:0", "--tls-cert", temporary[certificate], .. keyWords]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"blobs: {string.Format(null, said, temporary.Path + "/")}\n", result.Error);
    }

    private static IEnumerable<string> Filters(string[] values) => values.SelectMany(value => (string[])["--filter", value]);

    // Times of creation are relative, and JSON may write < in two ways.
    private static string Sorted(string lines) => string.Join('\n', lines.Split('\n').Where(line => line.Length > 0)
        .Select(line => string.Join(' ', JsonDocument.Parse(line).RootElement.EnumerateObject()
            .Where(member => member.Name != "CreatedSince").Select(member => $"{member.Name}={member.Value}")))
        .Order());
}
