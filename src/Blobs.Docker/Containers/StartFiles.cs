using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Json.Internal;

namespace Blobs.Docker.Containers;

/// <summary>
/// The files that dockerd 20.10 adds when it starts a container without an address: those it mounts into the tree, the
/// log, and their paths in <c>config.v2.json</c>. The next start writes them again.
/// </summary>
internal sealed partial class StartFiles(RootPaths paths, Container container, OwnerMap owners)
{
    private const int FileBytesMax = 16 << 20;
    private const UnixFileMode LogMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private const string Hosts =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\n" +
        "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

    private string Folder => paths.Container(container.Id);

    public void Write()
    {
        string name = string.IsNullOrEmpty(container.Config.Domainname)
            ? container.Config.Hostname ?? ""
            : $"{container.Config.Hostname}.{container.Config.Domainname}";
        byte[] resolver = Encoding.UTF8.GetBytes(Resolver());
        Put(RootPaths.HostnameFile(Folder), Encoding.UTF8.GetBytes($"{name}\n"));
        Put(RootPaths.HostsFile(Folder), Encoding.ASCII.GetBytes(Hosts));
        Put(RootPaths.ResolverFile(Folder), resolver);
        byte[] hash = Encoding.ASCII.GetBytes($"{Digest.OfSha256(resolver)}");
        AtomicFile.Replace(RootPaths.ResolverHashFile(Folder), hash, TemporaryNames.Engine);
        new MadeDirectories().Ensure(RootPaths.ContainerMounts(Folder), Modes.Passable);
        owners.LetThrough(RootPaths.ContainerMounts(Folder));
        if (!File.Exists(paths.LogFile(container.Id)))
        {
            SmallFile.Create(paths.LogFile(container.Id), "", LogMode);
        }

        NotePaths();
    }

    // Files mounted into the container belong to its root user.
    private void Put(string path, byte[] content)
    {
        AtomicFile.Replace(path, content, TemporaryNames.Engine);
        owners.GiveToRoot(path);
    }

    // Name servers on the machine's loopback cannot be reached from a container. If none remain, dockerd's two default
    // ones are used.
    private static string Resolver()
    {
        const string Servers = "nameserver 8.8.8.8\nnameserver 8.8.4.4\n";
        string text = SmallFile.TryReadText("/etc/resolv.conf") ?? "";
        string[] lines = [.. text.Split('\n').Where(line => !LocalServer().IsMatch(line))];
        bool hasServer = lines.Any(line => line.StartsWith("nameserver", StringComparison.Ordinal));
        string kept = string.Join('\n', lines);
        return hasServer ? kept : kept.Length > 0 ? $"{kept.TrimEnd('\n')}\n{Servers}" : Servers;
    }

    private void NotePaths()
    {
        string file = RootPaths.ConfigFile(Folder);
        try
        {
            byte[] noted = WithPaths(SmallFile.ReadBytes(file, FileBytesMax), file, new Dictionary<string, string>
            {
                ["LogPath"] = paths.LogFile(container.Id),
                ["HostnamePath"] = RootPaths.HostnameFile(Folder),
                ["HostsPath"] = RootPaths.HostsFile(Folder),
                ["ResolvConfPath"] = RootPaths.ResolverFile(Folder),
            });
            AtomicFile.Replace(file, noted, TemporaryNames.Engine, Modes.PrivateFile);
        }
        catch (MalformedDataException error)
        {
            throw new StoreException(file, error.Message, error);
        }
    }

    /// <summary>Sets the paths of files in a <c>config.v2.json</c>; other members stay unchanged.</summary>
    internal static byte[] WithPaths(ReadOnlyMemory<byte> config, string file, Dictionary<string, string> paths)
    {
        using GoDocument document = GoDocument.ParseFirst(config, file, Fault.RootDocument);
        var json = new GoJsonWriter();
        json.BeginObject();
        var written = new HashSet<string>();
        foreach ((string name, JsonElement value) in document.Root.Object().All)
        {
            string? known = paths.Keys.FirstOrDefault(path => path.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (known is null)
            {
                json.Name(name);
                json.Raw(JsonMarshal.GetRawUtf8Value(value));
            }
            else if (written.Add(known))
            {
                json.Name(known);
                json.String(paths[known]);
            }
        }

        foreach ((string name, string path) in paths.Where(path => !written.Contains(path.Key)))
        {
            json.Name(name);
            json.String(path);
        }

        json.EndObject();
        return json.ToArray();
    }

    [GeneratedRegex(@"^nameserver\s+(127\.|::1\s*$)")]
    private static partial Regex LocalServer();
}
