using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop.Replay;

/// <summary>A verb in a small root, and what has to hold of every state that a crash in it may leave.</summary>
internal sealed class ReplayCase
{
    private const string Kept = "kept:1";
    private const string New = "new:1";
    private const int Files = 12;

    private readonly string _folder;
    private readonly string _crashed;
    private readonly string _verb;
    private readonly string[] _work;
    private readonly bool _hasKept;

    // What the verb says that it left, below the root.
    private string[] _committed = [];

    private ReplayCase(TemporaryRoot temporary, string verb, string[] work, bool hasKept)
    {
        _folder = temporary.Folder("recorded");
        _crashed = temporary["crashed"];
        _verb = verb;
        _work = work;
        _hasKept = hasKept;
    }

    public Recording Recording { get; private set; } = null!;

    /// <summary>Fills a root, unless the verb is to make it, and records the verb in it.</summary>
    public static async Task<ReplayCase> RecordAsync(TemporaryRoot temporary, RegistryProcess? registry, string verb, string durability, bool isInNewRoot)
    {
        string root = Path.Combine(temporary.Folder("recorded"), "root");
        string layer = LayerFiles.Write(temporary, "layer.tar.gz", LayerFiles.Gzip(Layer(3)));
        string name = verb == "pull" ? $"{registry!.Address}/{New}" : New;
        string archive = Archive(temporary, name, 1, 2);
        if (!isInNewRoot)
        {
            await RunAsync("load", Archive(temporary, Kept, 1), "--root", root, "--quiet", "--durability", "none");
        }

        string[] work = verb switch
        {
            "ingest" => ["ingest", layer, "--keep-blob", "--json"],
            "load" => ["load", archive, "--quiet"],
            "pull" => ["pull", name, "--keep-blob", "--quiet"],
            "commit" => ["commit", "changed", New],
            "add" => ["add", "--from", Kept, "--tag", New, $"{archive}:/added"],
            "create" => ["create", "--name", "made", "--network", "none", "--workdir", "/made", Kept],
            "rm" => ["rm", "changed"],
            _ => ["rmi", New],
        };
        if (verb == "rmi")
        {
            await RunAsync("load", archive, "--root", root, "--quiet", "--durability", "none");
        }
        else if (verb == "pull")
        {
            string other = temporary["other"];
            await RunAsync("load", archive, "--root", other, "--quiet", "--durability", "none");
            await RunAsync("push", name, "--root", other, "--quiet");
        }
        else if (verb is "commit" or "rm")
        {
            await RunAsync("create", "--root", root, "--name", "changed", "--network", "none", Kept);
            string tree = (await RunAsync("mount", "changed", "--root", root)).Text.Trim();
            await File.WriteAllTextAsync(Path.Combine(tree, "more"), "more\n");
            await RunAsync("umount", "changed", "--root", root);
        }

        var made = new ReplayCase(temporary, verb, work, !isInNewRoot);
        string[] before = made.Committed(root);
        made.Recording = await Recording.OfAsync(
            made._folder, temporary["calls"], BlobsCommand.Native, At(work, root, durability));
        made._committed = [.. made.Committed(root).Except(before)];
        return made;
    }

    /// <summary>Puts a state down and looks at it; what is wrong with it, or null.</summary>
    public async Task<string?> CheckAsync(CrashState state)
    {
        await new Command("rm", "-rf", "--one-file-system", "--", _crashed).SucceedAsync();
        Directory.CreateDirectory(_crashed);
        await new Command("tar", "-x", "-p", "--same-owner", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", _crashed)
        {
            Input = state.Disk.ToTar(),
        }.SucceedAsync();
        string root = Path.Combine(_crashed, "root");

        // A directory in which nothing of a root has arrived is none yet, and every reader says so.
        bool isRoot = Directory.Exists(Path.Combine(root, "image", "overlay2"));
        string? wrong = isRoot ? await WrongAsync(root, state.IsAfterTheEnd) : state.IsAfterTheEnd ? "the root is not there" : null;
        if (wrong is not null)
        {
            return $"{state.Text}\n{wrong}";
        }

        CommandResult again = await new Command(BlobsCommand.Native, At(_work, root, "none")).RunAsync();
        if (again.ExitCode != 0 && !IsDone(again.Error))
        {
            return $"{state.Text}\nagain: {again.Error}";
        }

        return await WrongAsync(root, isDone: true) is string then ? $"{state.Text}\nafter it was done again: {then}" : null;
    }

    private async Task<string?> WrongAsync(string root, bool isDone)
    {
        CommandResult verified = await new Command(BlobsCommand.Native, "verify", "--root", root).RunAsync();
        if (verified.ExitCode != 0)
        {
            return $"verify: {verified.Text}{verified.Error}";
        }

        CommandResult images = await new Command(BlobsCommand.Native, "images", "--json", "--root", root).RunAsync();
        if (images.ExitCode != 0)
        {
            return $"images: {images.Error}";
        }

        string[] names = [.. images.Json.EnumerateArray().Select(image => $"{image.GetProperty("repository")}:{image.GetProperty("tag")}")];
        if (_hasKept && !names.Contains(Kept))
        {
            return $"{Kept} is lost: {string.Join(' ', names)}";
        }

        bool hasNew = names.Any(name => name.EndsWith(New, StringComparison.Ordinal));
        if (isDone && hasNew != _verb is "load" or "pull" or "commit" or "add")
        {
            return $"{_verb} had come to its end, and the images are {string.Join(' ', names)}";
        }

        if (isDone && _verb == "create" && !(await RunAsync("ps", "--root", root)).Text.Contains("made", StringComparison.Ordinal))
        {
            return "create had come to its end, and the container is not there";
        }

        string[] committed = Committed(root);
        return isDone && _committed.FirstOrDefault(path => !committed.Contains(path)) is string missing
            ? $"{_verb} had come to its end, and {missing} is not there"
            : null;
    }

    // What is called by what it is of: the rest has names of chance.
    private string[] Committed(string root) => [.. new[]
        {
            "image/overlay2/layerdb/sha256", "image/overlay2/imagedb/content/sha256", "docker/registry/v2/blobs/sha256",
        }
        .Select(path => Path.Combine(root, path))
        .Where(Directory.Exists)
        .SelectMany(path => Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(root, path))
        // An image that is made again is made at another time.
        .Where(path => _verb is not ("commit" or "add"))];

    private bool IsDone(string error) => _verb switch
    {
        "rmi" => error.Contains("no such image", StringComparison.Ordinal),
        "create" => error.Contains("is in use", StringComparison.Ordinal),
        "rm" => error.Contains("no such container", StringComparison.Ordinal),
        _ => false,
    };

    private static string[] At(string[] work, string root, string durability) => [work[0], "--root", root, "--durability", durability, .. work[1..]];

    private static Task<CommandResult> RunAsync(params string[] arguments) => new Command(BlobsCommand.Native, arguments).SucceedAsync();

    private static string Archive(TemporaryRoot temporary, string name, params int[] seeds)
    {
        string[] layers = [.. seeds.Select(seed => LayerFiles.Write(temporary, $"layer-{seed}.tar", Layer(seed)))];
        string archive = temporary[$"image-of-{seeds.Length}.tar"];
        DockerArchive.Write(archive, name, layers, "/bin/sh");
        return archive;
    }

    // A little of everything that is made by a call of its own.
    private static byte[] Layer(int seed) => new TarBuilder()
        .Add(new TarMember($"d-{seed}/", '5') { Mode = 0b111_101_101, Uid = 7 })
        .AddRange(Enumerable.Range(0, Files).Select(number =>
            new TarMember($"d-{seed}/file-{number}") { Content = Encoding.ASCII.GetBytes($"{seed} {number}\n"), Uid = number }))
        .Add(new TarMember("changed") { Content = new byte[10_000 + seed], Attributes = [("user.seed", [(byte)seed])] })
        .Add(new TarMember($"d-{seed}/hard", '1') { Link = Encoding.ASCII.GetBytes($"d-{seed}/file-1") })
        .Add(new TarMember("soft", '2') { Link = "changed"u8.ToArray(), Mode = 0b111_111_111 })
        .Add(new TarMember($"d-{seed - 1}/.wh.file-2"))
        .Add(new TarMember("opaque/", '5') { Mode = 0b111_101_101 })
        .Add(new TarMember("opaque/.wh..wh..opq"))
        .ToArray();
}
