namespace Blobs.Interop.Inputs;

/// <summary>Everything a layer can do to the one below: hide, empty, replace and replace again.</summary>
internal static class WhiteoutLayer
{
    public static byte[] Build() => new TarBuilder()
        .Add(new TarMember(".wh.gone"))
        // An owner of its own, which the device that stands for it gets.
        .Add(new TarMember("hidden/", '5') { Mode = 0b111_101_101 })
        .Add(new TarMember("hidden/.wh.a") { Uid = 5, Gid = 6, ModifiedSeconds = 1_600_000_000 })
        // Below a directory that this layer does not name.
        .Add(new TarMember("hidden/sub/.wh.c"))
        .Add(new TarMember([.. "etc/.wh.caf"u8, 0xE9]))
        // A name that comes back after it was hidden, as another kind of thing.
        .Add(new TarMember(".wh.was-directory"))
        .Add(new TarMember("was-directory") { Content = "now a file\n"u8.ToArray() })
        .Add(new TarMember("was-file/", '5') { Mode = 0b111_000_000, Uid = 7 })
        .Add(new TarMember("was-file/inside") { Content = "deeper\n"u8.ToArray() })
        .Add(new TarMember("was-link") { Content = "no link any more\n"u8.ToArray() })
        .Add(new TarMember("becomes-link", '2') { Link = "etc/untouched"u8.ToArray(), Mode = 0b111_111_111 })
        .Add(new TarMember("opaque/", '5') { Mode = 0b111_111_101, Gid = 9 })
        .Add(new TarMember("opaque/.wh..wh..opq"))
        .Add(new TarMember("opaque/new") { Content = "only this\n"u8.ToArray() })
        .Add(new TarMember("opaque-from-nothing/", '5') { Mode = 0b111_101_101 })
        .Add(new TarMember("opaque-from-nothing/.wh..wh..opq"))
        .ToArray();
}
