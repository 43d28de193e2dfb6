using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Blobs.Containerd;
using Blobs.ContainersStorage;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Storage.S3;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests;

/// <summary>
/// Holds the two tables of src/README.md: a package builds only on the packages it names, a room uses only the rooms it names, and both name
/// only what stands above them in their table.
/// </summary>
public sealed partial class LayeringTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Root, "src/README.md"));

    private static readonly Dictionary<string, string[]> Packages = Table("| package |");

    private static readonly Dictionary<string, string[]> Rooms = Table("| room |");

    private static readonly (string Path, string Room, string Text)[] Sources = [.. Repository.Sources("src")
        .Select(source => (source.Path, Declared: Namespace().Match(source.Text), source.Text))
        .Where(source => source.Declared.Success)
        .Select(source => (source.Path, RoomOf(source.Declared.Groups[1].Value)!, source.Text))];

    private static readonly Type[] Compiled = [.. new[] { typeof(Digest), typeof(RegistryClient), typeof(DockerRoot), typeof(ContainersStore), typeof(ContainerdStore), typeof(ImageCopier), typeof(S3Storage) }
        .SelectMany(one => one.Assembly.GetTypes())
        .Where(IsOurs)];

    [Fact]
    public void A_room_uses_only_rooms_that_it_names() => Assert.Empty(Sources.SelectMany(source => RoomName().Matches(source.Text)
        .Select(match => RoomOf(match.Value))
        .OfType<string>()
        .Where(used => used != source.Room && !Rooms[source.Room].Contains(used))
        .Distinct()
        .Select(used => $"{source.Path} ({source.Room}) uses {used}")));

    // A namespace sees what encloses it without a using, and a call may return what nobody names.
    [Fact]
    public void A_type_uses_only_types_of_rooms_that_its_room_names() => Assert.Empty(Compiled.SelectMany(Strangers));

    [Fact]
    public void A_room_names_only_rooms_that_it_uses() => Assert.Empty(Sources.GroupBy(source => source.Room)
        .SelectMany(room => Rooms[room.Key]
            .Except(room.SelectMany(source => RoomName().Matches(source.Text)).Select(match => RoomOf(match.Value)))
            .Select(unused => $"{room.Key} does not use {unused}")));

    [Fact]
    public void Every_room_is_in_the_table_and_in_the_folder_of_its_name() => Assert.Empty(Sources
        .Where(source => !Rooms.ContainsKey(source.Room) || Namespace().Match(source.Text).Groups[1].Value
            != Path.GetDirectoryName(source.Path)!["src/".Length..].Replace('/', '.'))
        .Select(source => source.Path));

    [Fact]
    public void Dependencies_point_one_way() => Assert.All((Dictionary<string, string[]>[])[Packages, Rooms], table =>
    {
        string[] order = [.. table.Keys];
        Assert.NotEmpty(order);
        Assert.All(order, one => Assert.All(
            table[one], used => Assert.True(Array.IndexOf(order, used) < Array.IndexOf(order, one), $"{one} uses {used}")));
    });

    [Fact]
    public void Packages_build_on_the_packages_that_the_table_names() => Assert.All(Packages, package =>
    {
        XDocument project = XDocument.Load(Path.Combine(Repository.Root, $"src/{package.Key}/{package.Key}.csproj"));
        Assert.Equal(
            package.Value.Order(),
            project.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)).Order());
    });

    [Fact]
    public void Packages_see_only_what_is_public_of_each_other() => Assert.All(Packages.Keys, package =>
    {
        XDocument project = XDocument.Load(Path.Combine(Repository.Root, $"src/{package}/{package}.csproj"));
        Assert.All(
            project.Descendants("InternalsVisibleTo"),
            friend => Assert.DoesNotContain((string)friend.Attribute("Include")!, Packages.Keys));
    });

    [Fact]
    public void Only_the_room_of_files_calls_the_kernel() =>
        Assert.Empty(Repository.Sources("src").Where(source =>
            !source.Path.StartsWith("src/Blobs/Files/", StringComparison.Ordinal)
            && (source.Text.Contains("LibraryImport", StringComparison.Ordinal) || source.Text.Contains("DllImport", StringComparison.Ordinal)))
            .Select(source => source.Path));

    // What somebody else hands in as an image, a layer, an upload or a stream says everything that the receiver may know of it.
    [Fact]
    public void Nobody_asks_an_image_a_layer_an_upload_or_a_stream_what_it_really_is()
    {
        Type[] handed = [typeof(IImageSource), typeof(ImageLayer), typeof(IBlobUpload), typeof(Stream)];
        Assembly[] transfer = [typeof(ImageCopier).Assembly, typeof(DockerImageTarget).Assembly, typeof(ContainersStore).Assembly, typeof(ContainerdStore).Assembly];
        IEnumerable<string> asked = transfer.SelectMany(assembly => assembly.GetTypes())
            .Concat(typeof(IImageSource).Assembly.GetTypes().Where(type => type.Namespace?.StartsWith("Blobs.Images", StringComparison.Ordinal) ?? false))
            .SelectMany(AskedTypes.In)
            .Where(question => IsOurs(question.Asked) && Array.Exists(handed, type => type.IsAssignableFrom(question.Asked)))
            .Select(question => $"{question.Method.DeclaringType}.{question.Method.Name} asks for {question.Asked.Name}");
        Assert.Empty(asked);
    }

    [Fact]
    public void One_file_renames_files_and_one_directories() => Assert.Equal(
        ["src/Blobs/Files/AtomicFile.cs", "src/Blobs/Files/Internal/AtomicDirectory.cs", "src/Blobs/Files/Syscalls.cs"],
        Repository.Sources("src").Where(source => Renaming().IsMatch(source.Text)).Select(source => source.Path)
            .Order(StringComparer.Ordinal));

    // Whoever may use a type may use what it inherits.
    private static IEnumerable<string> Strangers(Type type)
    {
        string own = RoomOf(type.Namespace!)!;
        Type[] used = [.. UsedTypes.Of(type).Where(IsOurs)];
        Type[] named = [.. used.Where(one => Rooms[own].Contains(RoomOf(one.Namespace!)))];
        return used.Except(named)
            .Where(one => RoomOf(one.Namespace!) != own && !Array.Exists(named, one.IsAssignableFrom))
            .Select(one => $"{type} ({own}) uses {one}");
    }

    private static bool IsOurs(Type type) => type.Namespace?.StartsWith($"{nameof(Blobs)}.", StringComparison.Ordinal) ?? false;

    // "| name | what it is | uses |"
    private static Dictionary<string, string[]> Table(string header) => Lines
        .SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal))
        .Skip(2)
        .TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(cells => cells[1], cells => cells[3].Split(", ", StringSplitOptions.RemoveEmptyEntries));

    // The longest room that a qualified name begins with; .Internal is part of its room.
    private static string? RoomOf(string name)
    {
        string[] parts = name.Split('.')[1..];
        for (int count = parts.Length; count > 0; count--)
        {
            string room = string.Join('.', parts[..count]);
            if (Rooms.ContainsKey(room))
            {
                return room;
            }
        }

        return null;
    }

    [GeneratedRegex(@"RenameAt2\(|\bFile\.(Move|Replace)\(|\bDirectory\.Move\(|\.MoveTo\(")]
    private static partial Regex Renaming();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\bBlobs(?:\.[A-Z]\w+)+")]
    private static partial Regex RoomName();
}
