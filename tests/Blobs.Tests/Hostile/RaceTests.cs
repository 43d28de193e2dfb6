using System.Diagnostics;
using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Trees;

namespace Blobs.Tests.Hostile;

/// <summary>Another process that swaps a directory for a link out of the tree while a layer is unpacked into it.</summary>
[SupportedOSPlatform("linux")]
public sealed class RaceTests : IDisposable
{
    private const int Files = 3000;

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_is_written_where_the_link_leads()
    {
        string tree = Directory.CreateDirectory(_folder["tree"]).FullName;
        string outside = Directory.CreateDirectory(_folder["outside"]).FullName;
        Directory.CreateDirectory(Path.Combine(tree, "d"));
        string before = $"{File.GetUnixFileMode(outside)} {Directory.GetLastWriteTimeUtc(outside).Ticks}";

        // It ends by itself, and before that as soon as the file is there.
        string attack = $"""
            i=0; while [ $i -lt 200000 ] && [ ! -e {_folder["stop"]} ]; do
              mv {tree}/d {tree}/aside 2>/dev/null; ln -s {outside} {tree}/d 2>/dev/null; rm -f {tree}/d 2>/dev/null; mv {tree}/aside {tree}/d 2>/dev/null
              i=$((i+1)); done
            """;
        using (Process attacker = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", attack]) { RedirectStandardError = true })!)
        {
            // A thread that unpacks gives up its file mode mask, and must not be one that other tests run on.
            Exception? fault = null;
            var unpacking = new Thread(() => fault = Record.Exception(() => Unpack(tree)));
            unpacking.Start();
            unpacking.Join();
            File.WriteAllText(_folder["stop"], "");
            attacker.WaitForExit();
            Assert.Null(fault);
        }

        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.Equal(before, $"{File.GetUnixFileMode(outside)} {Directory.GetLastWriteTimeUtc(outside).Ticks}");
    }

    // Each entry by a writer of its own, so that no open directory protects it.
    private static void Unpack(string tree)
    {
        for (int i = 0; i < Files; i++)
        {
            byte[] layer = Archive.Of(
                Archive.File($"d/file-{i}", "content"),
                Archive.Directory($"d/directory-{i}"),
                Archive.Link(TarEntryType.SymbolicLink, $"d/link-{i}", "file"),
                Archive.Directory("d"));
            try
            {
                using DirectoryHandle root = DirectoryHandle.Open(tree);
                using var writer = new TreeWriter(root, WhiteoutFormat.Overlay, Limits.Default);
                using var reader = new TarReader(writer);
                reader.Push(layer);
                reader.Complete();
                writer.Finish();
            }
            catch (BlobsException)
            {
                // What was there a moment ago is gone: a refusal is as good as an entry.
            }
        }
    }
}
