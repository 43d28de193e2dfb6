using System.Runtime.Versioning;
using System.Text;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Files;

/// <summary>Changes a switch of the whole process, so no other test may run in parallel.</summary>
[SupportedOSPlatform("linux")]
[Collection(Alone.Name)]
public sealed class DirectoryHandleTests
{
    [Theory]
    [InlineData("f\0")]
    [InlineData("link\0")]
    [InlineData("none\0")]
    public async Task Attributes_are_listed_alike_with_and_without_listxattrat(string name)
    {
        byte[] nameZ = Encoding.ASCII.GetBytes(name);
        using var folder = new TemporaryFolder(inMemory: true);
        await File.WriteAllTextAsync(folder["f"], "");
        File.CreateSymbolicLink(folder["link"], "f");
        using var directory = DirectoryHandle.Open(Path.GetDirectoryName(folder["f"])!);
        Assert.Equal(Errno.None, directory.SetXattr("f\0"u8, "user.one\0"u8, "1"u8));
        Assert.Equal(Errno.None, directory.SetXattr("f\0"u8, "user.two\0"u8, "2"u8));

        byte[] usual = directory.ListXattrs(nameZ);
        bool isNew = ExtendedAttributes.CanListAt;
        try
        {
            ExtendedAttributes.CanListAt = false;
            Assert.Equal(usual, directory.ListXattrs(nameZ));
        }
        finally
        {
            ExtendedAttributes.CanListAt = isNew;
        }

        Assert.Equal(name == "f\0", usual.Length > 0);
    }
}
