import CharonCapture
import CharonCore
import Glibc

StandardDescriptors.plug()
exit(Run.main(ChildEnvironment.arguments))
