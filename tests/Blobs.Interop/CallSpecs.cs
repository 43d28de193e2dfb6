using System.Text.Json;
using Blobs.Interop.Inputs;

namespace Blobs.Interop;

/// <summary>The words of a call: what is wrong with them is said before anything is done.</summary>
public sealed class CallSpecs
{
    private static readonly string Digest = $"sha256:{new string('0', 64)}";

    [Theory]
    [InlineData("rmi --dry-run keep:1", "rmi: there is no option '--dry-run'")]
    [InlineData("rmi --forse keep:1", "did you mean '--force'?")]
    [InlineData("rmi keep:1 --forse", "did you mean '--force'?")]
    [InlineData("rmi -x=1 keep:1", "there is no option '-x'")]
    [InlineData("create -p 80:80 keep:1", "there is no option '-p'")]
    [InlineData("create --nmae web keep:1", "did you mean '--name'?")]
    [InlineData("tag keep:1 --hard other:1", "there is no option '--hard'")]
    [InlineData("layers --jsn", "did you mean '--json'?")]
    [InlineData("layer export --ouput x", "did you mean '--output'?")]
    [InlineData("layer prune --dry", "did you mean '--dry-run'?")]
    [InlineData("load --quite x", "did you mean '--quiet'?")]
    [InlineData("tar-split asm --pth x", "did you mean '--path'?")]
    [InlineData("verify --stor x", "did you mean '--store'?")]
    [InlineData("save keep:1 -root x", "did you mean '--root'?")]
    [InlineData("hash --tar-splt x y", "did you mean '--tar-split'?")]
    [InlineData("copy oci:a --formt oci oci:b", "did you mean '--format'?")]
    [InlineData("--json images", "'--json' may not come before the verb")]
    [InlineData("--rot x images", "did you mean '--root'?")]
    [InlineData("--root x serve", "serve: there is no option '--root'")]
    [InlineData("--store x images", "images: there is no option '--store'")]
    public async Task What_begins_with_a_dash_and_is_no_option_is_wrong_usage(string call, string said)
    {
        string line = await RefuseAsync(call.Split(' '));
        Assert.Contains(said, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_of_create_says_where_options_belong()
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary.Folder("root/image/overlay2");
        CommandResult result = (await BlobsCommand.RunAsync("create", "-p", "80:80", "odd:1")).Expect(2);
        Assert.Contains("Options of create go before IMAGE", result.Error, StringComparison.Ordinal);
        CommandResult behind = await (BlobsCommand.With("create", "odd:1", "--root", root) with { WorkingDirectory = temporary.Path }).RunAsync();
        Assert.Contains("'--root' comes after IMAGE, so it is part of the command", behind.ExpectRefusal(), StringComparison.Ordinal);
        CommandResult help = await BlobsCommand.With("create", "--help").SucceedAsync();
        Assert.Contains("blobs create [options] <IMAGE> [<COMMAND>...]", help.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pul", "pull")]
    [InlineData("psuh", "push")]
    [InlineData("imges", "images")]
    [InlineData("layer exprt", "export")]
    [InlineData("tar-split dissasm", "disasm")]
    public async Task An_unknown_verb_is_one_error_that_names_the_nearest(string call, string meant)
    {
        string line = await RefuseAsync(call.Split(' '));
        Assert.EndsWith($"did you mean '{meant}'?", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_behind_two_dashes_or_an_options_value_may_begin_with_one()
    {
        Assert.Contains("is not an image name", await RefuseAsync("rmi", "--", "-x"), StringComparison.Ordinal);
        await using var temporary = new TemporaryRoot();
        string root = temporary.Folder("root/image/overlay2")[..^"/image/overlay2".Length];
        string line = (await BlobsCommand.RunAsync("commit", "--root", root, "--message", "-x", "box")).ExpectRefusal();
        Assert.Contains("no such container: box", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_begins_with_an_at_sign_is_a_file_like_any_other()
    {
        await using var temporary = new TemporaryRoot();
        LayerFiles.Write(temporary, "@layer.tar", BaseLayer.Build());
        await (BlobsCommand.With("hash", "@layer.tar") with { WorkingDirectory = temporary.Path }).SucceedAsync();
    }

    [Theory]
    [InlineData("tag odd:1 UPPER")]
    [InlineData("tag UPPER odd:1")]
    [InlineData("tag odd:1 b@DIGEST")]
    [InlineData("pull UPPER")]
    [InlineData("push UPPER")]
    [InlineData("push b@DIGEST")]
    [InlineData("rmi odd:1 UPPER")]
    [InlineData("save UPPER")]
    [InlineData("history UPPER")]
    [InlineData("images UPPER")]
    [InlineData("inspect --type image UPPER")]
    [InlineData("create UPPER")]
    [InlineData("commit box UPPER")]
    [InlineData("commit box b@DIGEST")]
    [InlineData("add --from UPPER x:/")]
    [InlineData("add --from odd:1 --tag UPPER x:/")]
    [InlineData("add --from odd:1 --tag b@DIGEST x:/")]
    [InlineData("copy docker://UPPER oci:x")]
    [InlineData("copy oci:x docker://UPPER")]
    [InlineData("copy docker-data:x//UPPER oci:x")]
    [InlineData("copy docker-archive:x:UPPER oci:x")]
    [InlineData("copy No:where oci:x")]
    public async Task A_word_that_can_be_no_images_name_is_wrong_usage(string call) =>
        await RefuseAsync(call.Replace("DIGEST", Digest, StringComparison.Ordinal).Split(' '));

    [Theory]
    [InlineData("rmi", "")]
    [InlineData("rm", "")]
    [InlineData("inspect", "")]
    [InlineData("load", "")]
    [InlineData("hash", "")]
    [InlineData("layer", "export", "")]
    [InlineData("images", "--root", "")]
    [InlineData("gc", "--store", "")]
    public async Task An_empty_word_is_wrong_usage(params string[] call) => await RefuseAsync(call);

    [Theory]
    [InlineData("images")]
    [InlineData("ps")]
    [InlineData("layers")]
    [InlineData("history odd:1")]
    [InlineData("inspect odd:1")]
    [InlineData("save odd:1")]
    [InlineData("push 127.0.0.1:1/odd:1")]
    [InlineData("layer export sha256:00")]
    [InlineData("layer diff box")]
    [InlineData("layer prune")]
    [InlineData("layer prune --dry-run")]
    [InlineData("rmi odd:1")]
    [InlineData("rm box")]
    [InlineData("tag odd:1 odd:2")]
    [InlineData("add --from odd:1 x:/")]
    [InlineData("commit box")]
    [InlineData("create odd:1")]
    [InlineData("mount box")]
    [InlineData("umount box")]
    [InlineData("verify")]
    public async Task A_wrong_root_is_an_error_and_nothing_is_made(string call)
    {
        await using var temporary = new TemporaryRoot();
        await File.WriteAllTextAsync(temporary["file"], "");
        temporary.Folder("other/containers");
        foreach ((string place, string said) in ((string, string)[])
            [("nosuch", "there is no such directory"), ("file", "is a file, expected a directory"), ("other", "not a Docker data root")])
        {
            string[] words = ["--root", temporary[place], .. call.Split(' ')];
            string line = (await BlobsCommand.RunAsync(words)).ExpectRefusal();
            Assert.Equal($"blobs: {temporary[place]}: {said}", line[..Math.Min(line.Length, $"blobs: {temporary[place]}: {said}".Length)]);
        }

        Assert.Equal(["file", "other"], Directory.GetFileSystemEntries(temporary.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("gc")]
    [InlineData("gc --dry-run")]
    [InlineData("verify")]
    [InlineData("serve --read-only --listen 127.0.0.1:0")]
    public async Task A_wrong_store_is_an_error_and_nothing_is_made(string call)
    {
        await using var temporary = new TemporaryRoot();
        await File.WriteAllTextAsync(temporary["file"], "");
        temporary.Folder("other");
        foreach ((string place, string said) in ((string, string)[])
            [("nosuch", "there is no such directory"), ("file", "is a file, expected a directory"), ("other", "not a registry's store")])
        {
            string line = (await BlobsCommand.RunAsync(["--store", temporary[place], .. call.Split(' ')])).ExpectRefusal();
            Assert.StartsWith($"blobs: {temporary[place]}: {said}", line, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFileSystemEntries(temporary["other"]));
    }

    [Fact]
    public async Task Serve_does_not_start_on_a_file_or_on_a_disk_that_cannot_be_written_to()
    {
        await using var temporary = new TemporaryRoot();
        await File.WriteAllTextAsync(temporary["file"], "");
        string file = (await BlobsCommand.RunAsync("serve", "--store", temporary["file"], "--listen", "127.0.0.1:0")).ExpectRefusal();
        Assert.Equal($"blobs: {temporary["file"]}: is a file, expected a directory", file);

        // Nobody writes to the kernel's own files.
        string disk = (await BlobsCommand.RunAsync("serve", "--store", "/proc/self", "--listen", "127.0.0.1:0")).ExpectRefusal();
        Assert.Contains("--read-only", disk, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_is_the_options_before_the_variables_before_the_usual_one()
    {
        await using var temporary = new TemporaryRoot();
        string layer = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        string one = temporary["one"];
        string none = temporary.Folder("none/image/overlay2")[..^"/image/overlay2".Length];
        await BlobsCommand.IngestAsync(layer, one);
        var variable = new Dictionary<string, string> { ["BLOBS_ROOT"] = one };
        var other = new Dictionary<string, string> { ["BLOBS_ROOT"] = none };
        var empty = new Dictionary<string, string> { ["BLOBS_ROOT"] = "" };
        Assert.Equal(1, await LayersAsync(variable, "layers", "--json"));
        Assert.Equal(1, await LayersAsync(other, "layers", "--json", "--root", one));
        Assert.Equal(1, await LayersAsync(other, "--root", one, "layers", "--json"));
        Assert.Equal(1, await LayersAsync(other, $"--root={one}", "layers", "--json"));
        Assert.Equal(0, await LayersAsync(other, "layers", "--json"));
        await (BlobsCommand.With("ingest", layer, "-q") with { WorkingDirectory = temporary.Path, Environment = empty }).SucceedAsync();
        Assert.Equal(1, await LayersAsync(empty, "layers", "--json"));
        CommandResult nested = await BlobsCommand.With("--root", one, "layer", "prune", "--dry-run", "--json").SucceedAsync();
        Assert.Equal(1, nested.Json.GetProperty("layers").GetArrayLength());
        await RefuseAsync("--root", one, "layers", "--root", one);

        async Task<int> LayersAsync(Dictionary<string, string> environment, params string[] call) =>
            (await (BlobsCommand.With(call) with { WorkingDirectory = temporary.Path, Environment = environment }).SucceedAsync())
                .Json.GetArrayLength();
    }

    [Fact]
    public async Task The_store_is_the_options_before_the_variables_before_the_usual_one()
    {
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store/docker/registry/v2")[..^"/docker/registry/v2".Length];
        var variable = new Dictionary<string, string> { ["BLOBS_STORE"] = store };
        await (BlobsCommand.With("gc", "-q") with { Environment = variable }).SucceedAsync();
        await (BlobsCommand.With("verify", "-q") with { Environment = variable }).SucceedAsync();
        await BlobsCommand.With("--store", store, "gc", "-q").SucceedAsync();
        await BlobsCommand.With("--store", store, "verify", "-q").SucceedAsync();
        var both = new Dictionary<string, string> { ["BLOBS_STORE"] = store, ["BLOBS_ROOT"] = temporary["nosuch"] };
        Command call = BlobsCommand.With("verify") with { Environment = both };
        Assert.Contains("nosuch", (await call.RunAsync()).ExpectRefusal(), StringComparison.Ordinal);
        string line = (await (BlobsCommand.With("--store", temporary["nosuch"], "gc") with { Environment = variable }).RunAsync()).ExpectRefusal();
        Assert.Contains("nosuch", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_null_where_the_table_has_none_and_times_of_ISO_8601()
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        string layer = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        foreach (string name in (string[])["odd:1", "odd:2"])
        {
            DockerArchive.Write(temporary["image.tar"], "odd:1", [layer], name);
            await BlobsCommand.With("load", temporary["image.tar"], "--root", root, "-q").SucceedAsync();
        }

        CommandResult table = await BlobsCommand.With("images", "--root", root, "--digests").SucceedAsync();
        Assert.Contains("<none>", table.Text, StringComparison.Ordinal);
        CommandResult json = await BlobsCommand.With("images", "--root", root, "--json").SucceedAsync();
        Assert.DoesNotContain("none", json.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u", json.Text, StringComparison.Ordinal);
        JsonElement[] rows = [.. json.Json.EnumerateArray()];
        Assert.All(rows, row => Assert.Equal(JsonValueKind.Null, row.GetProperty("digest").ValueKind));
        Assert.Single(rows, row => row.GetProperty("repository").ValueKind == JsonValueKind.Null && row.GetProperty("tag").ValueKind == JsonValueKind.Null);
        Assert.All(rows, row => Assert.EndsWith("Z", row.GetProperty("createdAt").GetString(), StringComparison.Ordinal));
        Assert.All(rows, row => row.GetProperty("createdAt").GetDateTimeOffset());

        // As the engine counts, an image holds its top layer.
        CommandResult layers = await BlobsCommand.With("layers", "--root", root, "--json").SucceedAsync();
        Assert.Equal(2, Assert.Single(layers.Json.EnumerateArray()).GetProperty("references").GetInt32());
    }

    private static async Task<string> RefuseAsync(params string[] call)
    {
        await using var temporary = new TemporaryRoot();
        CommandResult result = (await (BlobsCommand.With(call) with { WorkingDirectory = temporary.Path }).RunAsync()).Expect(2);
        Assert.Empty(result.Output);
        Assert.Empty(Directory.GetFileSystemEntries(temporary.Path));
        Assert.True(result.Talk.Count == 2, result.Error);
        return result.Talk[0];
    }
}
