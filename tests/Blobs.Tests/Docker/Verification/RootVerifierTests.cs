using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Transfer;
using Blobs.Verification;

namespace Blobs.Tests.Docker.Verification;

[SupportedOSPlatform("linux")]
public sealed class RootVerifierTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly SampleImage _sample = SampleImage.Of("one", "two", "three");

    private string Root => _folder["root"];

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task An_unchanged_root_is_right(string driver)
    {
        await LoadAsync(driver);
        VerifyReport report = await RootVerifier.RunAsync(Root);
        Assert.Empty(report.Findings);
        Assert.True(report.Files > 10 && report.Bytes > 5000, $"{report.Files} files, {report.Bytes} bytes");
    }

    [Fact]
    public async Task A_temporary_file_of_a_dead_process_is_not_judged()
    {
        await LoadAsync("overlay2");
        string file = Path.Combine(Root, "image/overlay2/imagedb/content/sha256/.tmp-half012345678");
        await File.WriteAllTextAsync(file, "{");
        VerifyReport report = await RootVerifier.RunAsync(Root);
        Assert.Empty(report.Findings);
        Assert.Contains(report.Unread, unread => unread.Path.EndsWith(".tmp-half012345678", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_changed_byte_of_any_file_is_found_and_the_file_named(string driver)
    {
        await LoadAsync(driver);
        string[] files = [.. Directory.GetFiles(Root, "*", SearchOption.AllDirectories)
            .Where(file => new FileInfo(file) is { LinkTarget: null, Length: > 0 } && !IsBehindLink(file))];
        Assert.True(files.Length >= 19, $"{files.Length} files");
        foreach (string file in files)
        {
            byte[] content = await File.ReadAllBytesAsync(file);
            DateTime time = File.GetLastWriteTimeUtc(file);
            foreach (int at in (int[])[0, content.Length / 2, content.Length - 1])
            {
                byte[] changed = [.. content];
                changed[at] ^= 1;
                await File.WriteAllBytesAsync(file, changed);
                File.SetLastWriteTimeUtc(file, time);
                await ExpectAsync(file, $"byte {at}");
            }

            await File.WriteAllBytesAsync(file, content);
            File.SetLastWriteTimeUtc(file, time);
        }

        Assert.Empty((await RootVerifier.RunAsync(Root)).Findings);
    }

    [Theory]
    [InlineData("chmod 600 file-one")]
    [InlineData("touch -d 2001-01-01 file-one")]
    [InlineData("rm file-one")]
    [InlineData("mv file-one other; ln -s other file-one")]
    [InlineData("echo > more", "more")]
    [InlineData("mkdir more", "more")]
    public async Task A_changed_tree_is_found_and_the_file_named(string change, string named = "file-one")
    {
        await LoadAsync("overlay2");
        string tree = Directory.GetDirectories(Path.Combine(Root, "overlay2"))
            .Select(folder => Path.Combine(folder, "diff")).Single(diff => File.Exists(Path.Combine(diff, "file-one")));
        using (Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", change]) { WorkingDirectory = tree })!)
        {
            await shell.WaitForExitAsync();
            Assert.Equal(0, shell.ExitCode);
        }

        VerifyReport report = await RootVerifier.RunAsync(Root);
        Assert.Contains(report.Findings, finding => finding.Path == Path.GetRelativePath(Root, Path.Combine(tree, named)));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_changed_attribute_is_found_and_the_file_named(string driver)
    {
        Testing.Root.Needed();
        LayerStore store = LayerStore.Open(Root, new DockerRootOptions { Driver = driver });
        (TarMember Member, byte[] Payload)[] members = [With("f", TarEntryType.File), With("d/", TarEntryType.Directory), Archive.File("d/plain", "x")];
        Layer layer = (await store.IngestAsync(new MemoryStream(Archive.Of(members)))).Layer;
        Assert.Empty((await RootVerifier.RunAsync(Root)).Findings);
        string tree = store.Context.Driver.TreeOf(layer.CacheId);
        using DirectoryHandle directory = DirectoryHandle.Open(tree);
        foreach (string name in (string[])["f", "d"])
        {
            byte[] nameZ = FilePath.Terminated(name);
            foreach (byte[] changed in (byte[][])["valuf"u8.ToArray(), "Value"u8.ToArray(), "valu"u8.ToArray(), "value\0"u8.ToArray(), []])
            {
                Assert.Equal(Errno.None, directory.SetXattr(nameZ, "user.name\0"u8, changed));
                await ExpectFindingAsync(Path.Combine(tree, name));
            }

            Assert.Equal(Errno.None, directory.SetXattr(nameZ, "user.name\0"u8, "value"u8));
            Assert.Empty((await RootVerifier.RunAsync(Root)).Findings);
        }

        // One more than the layer brought is none of its own.
        Assert.Equal(Errno.None, directory.SetXattr("f\0"u8, "user.more\0"u8, "x"u8));
        await ExpectFindingAsync(Path.Combine(tree, "f"));

        static (TarMember, byte[]) With(string name, TarEntryType type) => (new TarMember
        {
            Name = Encoding.ASCII.GetBytes(name),
            Type = type,
            Mode = 0b111_101_101,
            Xattrs = [KeyValuePair.Create("user.name", "value"u8.ToArray())],
        }, []);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task One_changed_byte_of_every_kind_of_file_is_found(string driver)
    {
        Testing.Root.Needed();
        LayerStore store = LayerStore.Open(Root, new DockerRootOptions { Driver = driver });
        Layer layer = (await store.IngestAsync(new MemoryStream(Archive.Of(
            Archive.Directory("d/"), Archive.File("d/one", "1"), Archive.File("d/block", new byte[512]), Archive.File("d/large", new byte[1 << 20]),
            Archive.File("d/suid", "x") is var (member, payload) ? (member with { Mode = 0b100_111_101_101, Uid = 7 }, payload) : default,
            Archive.Link(TarEntryType.HardLink, "linked", "d/one"), Archive.Link(TarEntryType.SymbolicLink, "link", "d/one"))))).Layer;
        Assert.Empty((await RootVerifier.RunAsync(Root)).Findings);
        string tree = store.Context.Driver.TreeOf(layer.CacheId);
        foreach (string name in (string[])["d/one", "d/block", "d/large", "d/suid", "linked"])
        {
            string file = Path.Combine(tree, name);
            byte[] content = await File.ReadAllBytesAsync(file);
            UnixFileMode mode = File.GetUnixFileMode(file);
            DateTime time = File.GetLastWriteTimeUtc(file);
            foreach (int at in (int[])[0, content.Length / 3, content.Length - 1])
            {
                byte[] changed = [.. content];
                changed[at] ^= 0x80;
                await WriteAsync(file, changed, mode, time);
                VerifyReport report = await RootVerifier.RunAsync(Root);
                Assert.True(report.Findings.Any(finding => name is "linked" or "d/one"
                    ? finding.Path.EndsWith("/linked", StringComparison.Ordinal) || finding.Path.EndsWith("/d/one", StringComparison.Ordinal)
                    : finding.Path == Path.GetRelativePath(Root, file)), $"{name}, byte {at}: {string.Join('\n', report.Findings)}");
            }

            await WriteAsync(file, content, mode, time);
        }

        // And a link whose target has another byte.
        File.Delete(Path.Combine(tree, "link"));
        File.CreateSymbolicLink(Path.Combine(tree, "link"), "d/onf");
        await ExpectFindingAsync(Path.Combine(tree, "link"));

        static async Task WriteAsync(string file, byte[] content, UnixFileMode mode, DateTime time)
        {
            await File.WriteAllBytesAsync(file, content);
            File.SetUnixFileMode(file, mode);
            File.SetLastWriteTimeUtc(file, time);
        }
    }

    [Fact]
    public async Task What_was_found_right_is_not_read_again()
    {
        await LoadAsync("overlay2");
        var options = new VerifyOptions { StateFile = _folder["state"] };
        VerifyReport first = await RootVerifier.RunAsync(Root, options);
        Assert.Equal(0, first.Resumed);

        // As if the run had been broken off in the middle of a line.
        string[] lines = await File.ReadAllLinesAsync(_folder["state"]);
        Assert.Equal(4, lines.Length);
        await File.WriteAllTextAsync(_folder["state"], string.Join('\n', lines)[..^10]);
        VerifyReport second = await RootVerifier.RunAsync(Root, options);
        Assert.Equal(2, second.Resumed);
        Assert.True(second.Bytes < first.Bytes, $"{second.Bytes} of {first.Bytes} bytes");
        Assert.Equal(3, (await RootVerifier.RunAsync(Root, options)).Resumed);
    }

    [Fact]
    public async Task A_state_file_of_another_root_is_refused()
    {
        await LoadAsync("overlay2");
        await File.WriteAllTextAsync(_folder["state"], "something else");
        StoreException fault = await Assert.ThrowsAsync<StoreException>(
            () => RootVerifier.RunAsync(Root, new VerifyOptions { StateFile = _folder["state"] }));
        Assert.Contains(_folder["state"], fault.Message, StringComparison.Ordinal);
        Assert.Equal("something else", await File.ReadAllTextAsync(_folder["state"]));
    }

    [Theory]
    [InlineData("loop", "stat", Errno.TooManySymlinks)]
    [InlineData("nosuch/state", "write", Errno.NotDirectory)]
    public async Task A_state_that_cannot_be_read_or_created_is_a_SystemCallException(string name, string call, int errno)
    {
        await LoadAsync("overlay2");
        File.CreateSymbolicLink(_folder["loop"], "loop");
        SystemCallException fault = await Assert.ThrowsAsync<SystemCallException>(
            () => RootVerifier.RunAsync(Root, new VerifyOptions { StateFile = _folder[name] }));
        Assert.Equal((call, errno, _folder[name]), (fault.Call, fault.Errno, fault.Path));
    }

    [Fact]
    public async Task A_state_that_is_a_directory_is_refused()
    {
        await LoadAsync("overlay2");
        Directory.CreateDirectory(_folder["state"]);
        StoreException fault = await Assert.ThrowsAsync<StoreException>(
            () => RootVerifier.RunAsync(Root, new VerifyOptions { StateFile = _folder["state"] }));
        Assert.Equal($"{_folder["state"]}: is a directory, expected a file", fault.Message);
    }

    private async Task ExpectFindingAsync(string file)
    {
        VerifyReport report = await RootVerifier.RunAsync(Root);
        Assert.True(
            report.Findings.Any(finding => finding.Path == Path.GetRelativePath(Root, file)), $"{file}: {string.Join('\n', report.Findings)}");
    }

    // What only a person can judge is at least named: which tag an image has, when it got it.
    private async Task ExpectAsync(string file, string what)
    {
        VerifyReport report = await RootVerifier.RunAsync(Root);
        string path = Path.GetRelativePath(Root, file);
        bool isFree = path.EndsWith("repositories.json", StringComparison.Ordinal) || path.EndsWith("lastUpdated", StringComparison.Ordinal);
        Assert.True(
            report.Findings.Any(finding => IsSameFile(finding.Path, path)) || (isFree && report.Unread.Any(unread => unread.Path == path)),
            $"{path}, {what}: {string.Join('\n', report.Findings)}");
    }

    // The driver overlay gives a file of the layer below one name more.
    private static bool IsSameFile(string left, string right) =>
        left == right || (right.StartsWith("overlay/", StringComparison.Ordinal) && Path.GetFileName(left) == Path.GetFileName(right));

    private bool IsBehindLink(string file) => Path.GetRelativePath(Root, file).StartsWith("overlay2/l/", StringComparison.Ordinal);

    private async Task LoadAsync(string driver)
    {
        using var archive = new MemoryStream(_sample.DockerArchive());
        await ImageLoader.LoadAsync(archive, "archive", DockerRoot.Open(Root, new DockerRootOptions { Driver = driver }));
    }
}
