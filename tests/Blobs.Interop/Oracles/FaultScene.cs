using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;
using Blobs.Interop.Seen;

namespace Blobs.Interop.Oracles;

/// <summary>What a verb works on, prepared once and put back as often as it is wanted.</summary>
internal sealed partial class FaultScene : IAsyncDisposable
{
    private readonly TemporaryRoot _temporary;
    private readonly string _verb;
    private readonly string _program;
    private readonly string _prepared;
    private RegistryProcess? _registry;

    private FaultScene(TemporaryRoot temporary, string verb, string program)
    {
        _temporary = temporary;
        _verb = verb;
        _program = program;
        Folder = temporary["root"];
        _prepared = temporary["prepared"];
    }

    /// <summary>The root or store that the verb changes.</summary>
    public string Folder { get; }

    public IReadOnlyList<string> Words { get; private set; } = [];

    public string[] Arguments => [.. Words];

    /// <summary>Whether a failure leaves everything as it was: removals end where they were interrupted, pulls and loads keep whole layers,
    /// pushes what they noted, and an image may have got its name before something failed.</summary>
    public bool IsAllOrNothing => _verb is "ingest";

    /// <summary>Whether a failure may leave a layer that no image has any more: a removal takes the image first.</summary>
    public bool LeavesLayers => _verb is "rmi";

    private string[] At => [_verb == "gc" ? "--store" : "--root", Folder];

    public static async Task<FaultScene> PrepareAsync(TemporaryRoot temporary, string verb, string program)
    {
        var scene = new FaultScene(temporary, verb, program);
        try
        {
            await scene.PrepareAsync();
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts everything back to where it was before the verb.</summary>
    public async Task ResetAsync()
    {
        await Mounts.RemoveBelowAsync(Folder);
        await new Command("rm", "-rf", "--one-file-system", Folder).SucceedAsync();
        if (Directory.Exists(_prepared))
        {
            await new Command("cp", "-a", _prepared, Folder).SucceedAsync();
        }
    }

    public TreeListing Listing() => TreeListing.Of(Directory.CreateDirectory(Folder).FullName, TreeListing.Facts.Shape);

    public Task<CommandResult> VerifyAsync() => new Command(_program, ["verify", .. At]).RunAsync();

    /// <summary>What was done before the fault is done: a name is taken, an image is gone.</summary>
    public bool IsDone(CommandResult again) => again.ExitCode == 0
        || (_verb == "create" && again.Error.Contains("is in use", StringComparison.Ordinal))
        || (_verb == "rmi" && again.Error.Contains("no such image", StringComparison.Ordinal));

    /// <summary>Removes images that lost their name to the one that was made after them.</summary>
    public async Task RemoveNamelessAsync()
    {
        if (_verb is "add" or "commit")
        {
            JsonElement images = (await RunAsync("images", "--root", Folder, "--json")).Json;
            foreach (JsonElement image in images.EnumerateArray().Where(image => image.GetProperty("repository").ValueKind == JsonValueKind.Null))
            {
                await RunAsync("rmi", image.GetProperty("id").GetString()!, "--root", Folder);
            }
        }
    }

    /// <summary>Every path, with what is random in it left out, and without the records of garbage collection, which count its runs.</summary>
    public string Picture() => string.Join('\n', Listing().Lines.Keys
        .Where(path => !path.Contains("docker/registry/v2/gc", StringComparison.Ordinal))
        .Select(path => Random().Replace(path, "*")).Order(StringComparer.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }
    }

    private async Task PrepareAsync()
    {
        string layer = LayerFiles.Write(_temporary, "layer.tar.gz", LayerFiles.Gzip(Layer("layer")));
        string archive = Image("image.tar", "base:1", "below", "above");
        string other = Image("other.tar", "other:1", "below", "aside");
        string file = LayerFiles.Write(_temporary, "file", "file\n"u8.ToArray());
        if (_verb is "gc" or "push" or "pull")
        {
            _registry = await RegistryProcess.OursAsync(_temporary, _temporary["store"], "--quiet");
        }

        string remote = $"{_registry?.Address}/app:1";
        switch (_verb)
        {
            case "ingest":
                Words = ["ingest", layer, .. At, "--keep-blob", "--quiet"];
                return;
            case "load":
                await LoadAsync(archive);
                Words = ["load", other, .. At, "--quiet"];
                return;
            case "add":
                await LoadAsync(archive);
                Words = ["add", "--from", "base:1", "--tag", "added:1", $"{file}:/file", .. At];
                return;
            case "commit":
                await LoadAsync(archive);
                await RunAsync("create", "--root", _prepared, "--name", "changed", "--network", "none", "base:1");
                string tree = (await RunAsync("mount", "changed", "--root", _prepared)).Text.Trim();
                await File.WriteAllTextAsync(Path.Combine(tree, "more"), "more\n");
                File.Delete(Path.Combine(tree, "below", "file-1"));
                await RunAsync("umount", "changed", "--root", _prepared);
                Words = ["commit", "changed", "changed:1", .. At];
                return;
            case "create":
                await LoadAsync(archive);
                Words = ["create", .. At, "--name", "made", "--network", "none", "--workdir", "/new", "base:1"];
                return;
            case "rmi":
                await LoadAsync(archive);
                await LoadAsync(other);
                Words = ["rmi", "other:1", .. At];
                return;
            case "push":
                await LoadAsync(archive, remote);
                Words = ["push", remote, .. At, "--quiet"];
                return;
            case "pull":
                await LoadAsync(archive, remote);
                await RunAsync("push", remote, "--root", _prepared, "--quiet");
                Directory.Delete(_prepared, recursive: true);
                Words = ["pull", remote, .. At, "--keep-blob", "--quiet"];
                return;
            default:
                await LoadAsync(archive, remote);
                await RunAsync("push", remote, "--root", _prepared, "--quiet");
                string digest = (await Skopeo.InspectAsync($"docker://{remote}", "--format", "{{.Digest}}")).Text.Trim();
                (await _registry!.Client.DeleteAsync($"/v2/app/manifests/{digest}")).EnsureSuccessStatusCode();
                Directory.Delete(_prepared, recursive: true);
                await new Command("cp", "-a", _temporary["store"], _prepared).SucceedAsync();
                Words = ["gc", .. At, "--min-age", "0", "--quiet"];
                return;
        }
    }

    private async Task LoadAsync(string archive, string? tag = null)
    {
        await RunAsync("load", archive, "--root", _prepared, "--quiet");
        if (tag is not null)
        {
            await RunAsync("tag", "base:1", tag, "--root", _prepared);
        }
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => new Command(_program, arguments).SucceedAsync();

    private string Image(string archive, string name, params string[] layers)
    {
        DockerArchive.Write(
            _temporary[archive], name, [.. layers.Select(layer => LayerFiles.Write(_temporary, $"{layer}.tar", Layer(layer)))], "/bin/sh");
        return _temporary[archive];
    }

    // A few files, and one of each kind that takes a call of its own.
    private static byte[] Layer(string name) => new TarBuilder()
        .Add(new TarMember($"{name}/", '5') { Mode = 0b111_101_101 })
        .AddRange(Enumerable.Range(0, 4).Select(number => new TarMember($"{name}/file-{number}") { Content = Encoding.ASCII.GetBytes($"{name} {number}") }))
        .Add(new TarMember($"{name}/large") { Content = new byte[300_000] })
        .Add(new TarMember($"{name}/link", '2') { Link = "file-0"u8.ToArray() })
        .Add(new TarMember($"{name}/again", '1') { Link = Encoding.ASCII.GetBytes($"{name}/file-0") })
        .Add(new TarMember($"{name}/attribute") { Uid = 5, Mode = 0b100_111_101_101, Attributes = [("user.name", "value"u8.ToArray())] })
        .Add(new TarMember($"{name}/.wh.hidden"))
        .Add(new TarMember($"{name}/device", '3') { DeviceMajor = 1, DeviceMinor = 3 })
        .ToArray();

    [GeneratedRegex("[0-9a-f]{64}|(?<=/l/)[A-Z0-9]{26}|(?<=blobs/sha256/)[0-9a-f]{2}(?=/|$)")]
    private static partial Regex Random();
}
